/** The backend `tensorflow` against `cpu`, stage by stage, in float32 and in half; and its ways of decoding. */
import { beforeAll, expect, it } from "vitest";
import { compare } from "../../../../src/diff/compare.ts";
import { load } from "../../../../src/index.ts";
import type { BackendName, LoadOptions } from "../../../../src/index.ts";
import type { Activation } from "../../../../src/lab.ts";
import { describeOn } from "../../../helpers/environment/backends.ts";
import { fixture } from "../../../helpers/environment/fixtures.ts";
import { capture } from "../../../../src/lab.ts";

const clip = fixture("audio/tiny.wav");
const models = ["fun-asr-nano/fun-asr-nano-bf16", "paraformer/paraformer-bf16", "sensevoice/sensevoice-bf16"];
const standard = { arithmetic: "float32", expanded: false, decoding: "eager" } as const;

async function stagesOf(
  model: string,
  options: LoadOptions & { backend: BackendName },
): Promise<Activation[]> {
  using transcriber = await load(fixture(`tiny/${model}.gguf`), options);
  return await capture(transcriber, clip, { maxNewTokens: 3 });
}

describeOn("tensorflow", "stages on tensorflow", () => {
  it.each(models)("are those of cpu to 1e-5 in float32, to 5e-3 in half: %s", async (model) => {
    const expected = await stagesOf(model, { backend: "cpu" });
    expect(expected.length).toBeGreaterThan(20);
    for (const [bound, tensorflow] of [
      [1e-5, standard],
      [5e-3, { ...standard, arithmetic: "half" }],
      [5e-3, { ...standard, arithmetic: "half", expanded: true }],
    ] as const) {
      const actual = await stagesOf(model, { backend: "tensorflow", tensorflow });
      expect(actual.map(({ name }) => name)).toEqual(expected.map(({ name }) => name));
      for (const [i, stage] of expected.entries()) {
        const { relativeL2, nonFinite } = compare(stage.name, actual[i]!, stage);
        expect(nonFinite, stage.name).toBe(0);
        expect(relativeL2, `${stage.name}, ${tensorflow.arithmetic}`).toBeLessThanOrEqual(bound);
      }
    }
  });
});

describeOn("tensorflow", "the ways of decoding", () => {
  const clips = ["zh-weather", "en-travel"].map((name) => fixture(`audio/demo/${name}.wav`));
  const demo = fixture("../models/demo/fun-asr-demo-q8_0.gguf");
  const written = async (options: LoadOptions): Promise<unknown> => {
    using model = await load(demo, options);
    const results: unknown[] = [];
    for (const clip of clips) {
      const pieces: string[] = [];
      const { tokens, text } = await model.transcribe(clip, { onToken: (piece) => pieces.push(piece) });
      results.push({ tokens, text, streamed: pieces.join("") });
    }
    results.push((await model.transcribe(clips[0]!, { maxNewTokens: 3 })).tokens);
    return results;
  };
  let expected: unknown;
  beforeAll(async () => {
    expected = await written({ backend: "tensorflow", tensorflow: standard });
  });

  it.each(["graph", "xla"] as const)("write the same tokens: %s", { timeout: 240_000 }, async (decoding) => {
    expect(await written({ backend: "tensorflow", tensorflow: { ...standard, decoding } })).toEqual(expected);
  });
});
