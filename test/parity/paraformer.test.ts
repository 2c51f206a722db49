/**
 * Paraformer against the PyTorch original, stage by stage: the same tiny weights, the same clip, every named module.
 * The dump comes from fixtures/reference/make_paraformer.py.
 */
import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { describeOnEach } from "../helpers/environment/backends.ts";
import { fixture } from "../helpers/environment/fixtures.ts";
import { untimed } from "../helpers/environment/untimed.ts";
import { readArchive } from "../helpers/environment/read-archive.ts";
import type { StageArchive } from "../helpers/environment/read-archive.ts";
import { compare } from "../../src/diff/compare.ts";
import { load } from "../../src/index.ts";
import type { Transcriber } from "../../src/index.ts";
import type { Activation } from "../../src/lab.ts";
import { joinTokens } from "../../src/text/paraformer-text.ts";
import { capture } from "../../src/lab.ts";

const clip = fixture("audio/tiny.wav");
const model = fixture("tiny/paraformer/paraformer-bf16.gguf");
/** Integers that our stages give in another form. */
const notStages = new Set(["decoder.ids", "predictor.token_number"]);

const byName = (list: readonly Activation[]) => new Map(list.map((stage) => [stage.name, stage]));

describeOnEach("%s", (backend) => {
  let transcriber: Transcriber;
  let reference: StageArchive;
  /** From the clip, and from the original's features. */
  let stages: ReadonlyMap<string, Activation>;
  let fed: ReadonlyMap<string, Activation>;

  beforeAll(async () => {
    transcriber = await load(model, { backend });
    reference = await readArchive(fixture("reference/paraformer.safetensors"));
    stages = byName(await capture(transcriber, clip));
    const { shape, values } = reference.stages.get("cmvn")!;
    const features = { rows: shape[0]!, cols: shape[1]!, values };
    fed = byName(await capture(transcriber, { features }));
  });
  afterAll(() => transcriber.dispose());

  const metadata = (key: string): unknown => JSON.parse(reference.metadata.get(key)!);

  describe("stages", () => {
    it("are all there", () => {
      const missing = [...reference.stages.keys()].filter(
        (name) => !notStages.has(name) && !stages.has(name),
      );
      expect(missing).toEqual([]);
      expect(reference.stages.size).toBeGreaterThan(60);
    });

    it("agree with the original's, from the clip on", () => {
      for (const [name, expected] of reference.stages) {
        if (notStages.has(name)) continue;
        const comparison = compare(name, stages.get(name)!, expected);
        expect(comparison.nonFinite, name).toBe(0);
        expect(comparison.relativeL2, name).toBeLessThanOrEqual(1e-4);
      }
    });

    it("agree to float32's own noise where the features are the original's", () => {
      for (const [name, expected] of reference.stages) {
        if (notStages.has(name) || name === "cmvn") continue;
        const comparison = compare(name, fed.get(name)!, expected);
        expect(comparison.relativeL2, name).toBeLessThanOrEqual(2e-6);
        if (name !== "predictor.alphas") continue;
        expect(comparison.relativeL2).toBeLessThanOrEqual(1e-6);
        if (backend === "cpu") expect(comparison.maxAbs).toBeLessThanOrEqual(1e-6);
      }
    });

    it("count the same tokens and choose the same ones", () => {
      const ids = [...reference.stages.get("decoder.ids")!.values];
      expect(reference.stages.get("predictor.token_number")!.values[0]).toBe(ids.length);
      const { values, shape } = stages.get("decoder.output_layer")!;
      const width = shape[1]!;
      const best = ids.map((_, n) => {
        const row = values.subarray(n * width, (n + 1) * width);
        return row.indexOf(row.reduce((a, b) => Math.max(a, b)));
      });
      expect(best).toEqual(ids);
    });
  });

  describe("FunASR's inference", () => {
    it("returns the same text, and tokens", async () => {
      const ids = [...reference.stages.get("decoder.ids")!.values];
      const { text, tokens, warnings } = await transcriber.transcribe(clip);
      expect(text).toBe((metadata("result") as { text: string }).text);
      expect(text).not.toBe("");
      expect(tokens).toEqual(ids.filter((id) => id > 2));
      expect(warnings).toEqual([]);
    });

    it("gives the same times when its arguments are in the right order", async () => {
      const { tokenTimes } = await transcriber.transcribe(clip, { timestamps: "token" });
      const times = metadata("timestamps_in_right_order") as [number, number][];
      const tokens = (metadata("tokens") as string[]).filter((token) => token !== "</s>");
      expect(times).toHaveLength(tokens.length);
      const expected = joinTokens(tokens).words.map(({ text, first, last }) => [
        text,
        Math.max(times[first]![0], 0),
        times[last]![1],
      ]);
      const milliseconds = (time: number): number => Math.trunc(time * 1000);
      expect(
        tokenTimes!.map(({ text, start, end }) => [text, milliseconds(start), milliseconds(end)]),
      ).toEqual(expected);
    });
  });

  describe("a Paraformer transcriber", () => {
    it("gives the same bytes twice", async () => {
      const options = { timestamps: "token" } as const;
      const [a, b] = [
        await transcriber.transcribe(clip, options),
        await transcriber.transcribe(clip, options),
      ];
      expect(untimed(a)).toBe(untimed(b));
    });

    it("names the options that have no effect", async () => {
      const { warnings } = await transcriber.transcribe(clip, {
        hotwords: ["甲"],
        language: "zh",
        context: "",
      });
      expect(warnings).toEqual([
        { code: "option_ignored", message: "Paraformer has no prompt: language had no effect" },
      ]);
    });

    it("takes the constants of an am.mvn instead of those of the file", async () => {
      const amMvn = fixture("tiny/paraformer/am.mvn");
      const text = await readFile(amMvn, "utf8");
      using other = await load(model, { backend, amMvn });
      const [stage] = await capture(other, clip, { capture: ["cmvn"] });
      expect(stage!.values).toEqual(stages.get("cmvn")!.values);
      await expect(
        load(model, { backend, amMvn: new TextEncoder().encode(text.replace("<AddShift>", "<Shift>")) }),
      ).rejects.toMatchObject({ code: "checkpoint_malformed" });
    });

    it("reads raw features as an option", async () => {
      const [stage] = await capture(transcriber, clip, { capture: ["cmvn"], cmvn: "off" });
      expect(stage).toBeUndefined();
    });
  });
});
