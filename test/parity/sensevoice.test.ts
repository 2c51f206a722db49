/**
 * SenseVoice-Small against the PyTorch original, stage by stage: the same tiny weights, the same clip, every named
 * module. The dump comes from fixtures/reference/make_sensevoice.py.
 */
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { describeOnEach } from "../helpers/environment/backends.ts";
import { fixture } from "../helpers/environment/fixtures.ts";
import { readArchive } from "../helpers/environment/read-archive.ts";
import type { StageArchive } from "../helpers/environment/read-archive.ts";
import { compare } from "../../src/diff/compare.ts";
import { load } from "../../src/index.ts";
import type { Transcriber } from "../../src/index.ts";
import type { Activation } from "../../src/lab.ts";
import { ctcGreedy, topLabels } from "../../src/decoding/ctc.ts";
import { logSoftmaxRows } from "../../src/decoding/log-softmax.ts";
import { labelSpan } from "../../src/decoding/sensevoice-timestamps.ts";
import { joinPieces, richText, wordsOf } from "../../src/text/sensevoice-text.ts";
import { capture } from "../../src/lab.ts";

const clip = fixture("audio/tiny.wav");
const model = fixture("tiny/sensevoice/sensevoice-bf16.gguf");
const pieces = JSON.parse(readFileSync(fixture("tiny/sensevoice/tokens.json"), "utf8")) as string[];
/** Upstream's own default. */
const plain = { itn: false } as const;

const byName = (list: readonly Activation[]) => new Map(list.map((stage) => [stage.name, stage]));

describeOnEach("%s", (backend) => {
  let transcriber: Transcriber;
  let reference: StageArchive;
  let stages: ReadonlyMap<string, Activation>;
  let fed: ReadonlyMap<string, Activation>;

  beforeAll(async () => {
    transcriber = await load(model, { backend });
    reference = await readArchive(fixture("reference/sensevoice.safetensors"));
    stages = byName(await capture(transcriber, clip, plain));
    const { shape, values } = reference.stages.get("cmvn")!;
    const features = { rows: shape[0]!, cols: shape[1]!, values };
    fed = byName(await capture(transcriber, { features }, plain));
  });
  afterAll(() => transcriber.dispose());

  const metadata = (key: string): unknown => JSON.parse(reference.metadata.get(key)!);

  describe("stages", () => {
    it("are all there", () => {
      const names = [...reference.stages.keys()].filter((name) => name !== "ctc.ids");
      expect(names.filter((name) => !stages.has(name))).toEqual([]);
      expect(names.length).toBeGreaterThan(35);
    });

    it("agree with the original's, from the clip on and from its features on", () => {
      for (const [name, expected] of reference.stages) {
        if (name === "ctc.ids") continue;
        const comparison = compare(name, stages.get(name)!, expected);
        expect(comparison.nonFinite, name).toBe(0);
        expect(comparison.relativeL2, name).toBeLessThanOrEqual(1e-4);
        if (name === "cmvn") continue;
        expect(compare(name, fed.get(name)!, expected).relativeL2, name).toBeLessThanOrEqual(2e-6);
      }
    });
  });

  describe("FunASR's inference", () => {
    it("returns the same text for every language and style", async () => {
      const results = metadata("results") as {
        options: { language?: string; use_itn?: boolean };
        text: string;
      }[];
      expect(results.length).toBeGreaterThan(3);
      for (const { options, text } of results) {
        const { language, use_itn: itn = false } = options;
        const { tokens, richText: rich } = await transcriber.transcribe(clip, { language, itn });
        const tagged = joinPieces(tokens.map((id) => pieces[id]!.replace("<unk>", " ⁇ ")));
        expect(tagged).toBe(text);
        expect(rich).toBe(richText(text));
      }
    });

    it("reads the same best labels", async () => {
      const ids = [...reference.stages.get("ctc.ids")!.values];
      const { tokens } = await transcriber.transcribe(clip, plain);
      expect(tokens).toEqual(ids.filter((id, t) => id !== ids[t - 1] && id !== 0));
    });
  });

  describe("a SenseVoice transcriber", () => {
    it("places its words one after the other", async () => {
      const { text, tokenTimes, duration } = await transcriber.transcribe(clip, { timestamps: "token" });
      expect(tokenTimes!.map((word) => word.text).join("")).toBe(text.replaceAll(" ", ""));
      const edges = tokenTimes!.flatMap(({ start, end }) => [start, end]);
      expect(edges).toEqual(edges.toSorted((a, b) => a - b));
      expect(edges.at(-1)!).toBeLessThanOrEqual(duration!);
    });

    it("aligns with the rows of the audio, without those of the queries", async () => {
      const captured = await capture(transcriber, clip, { capture: ["ctc.ctc_lo"] });
      const { tokenTimes } = await transcriber.transcribe(clip, { timestamps: "token" });
      const { values, shape } = captured[0]!;
      const [rows, vocabSize] = shape as [number, number];
      const logProbs = logSoftmaxRows(values.slice(4 * vocabSize), vocabSize);
      const runs = ctcGreedy(topLabels({ logProbs, frames: rows - 4, vocabSize }, 1), 0);
      const spoken = runs.filter(({ id }) => !pieces[id]!.startsWith("<|"));
      const spans = spoken.map((run) => labelSpan(run, rows - 4, 0));
      const expected = wordsOf(spoken.map(({ id }) => pieces[id]!)).map(({ text, first, last }) => ({
        text,
        start: spans[first]!.start,
        end: spans[last]!.end,
      }));
      // The last words: the first may come from the queries' rows.
      expect(tokenTimes!.slice(-2)).toMatchObject(expected.slice(-2));
    });

    it("reads raw features as an option, and gives another text then", async () => {
      const raw = byName(await capture(transcriber, clip, { ...plain, cmvn: "off" }));
      expect(raw.has("cmvn")).toBe(false);
      const input = raw.get("encoder.input")!.values.subarray(4 * 560);
      expect(input).toEqual(raw.get("lfr")!.values);
    });

    it("refuses a language that it was not taught", async () => {
      await expect(transcriber.transcribe(clip, { language: "fr" })).rejects.toMatchObject({
        code: "unknown_language",
      });
    });
  });
});
