/** Engines on TensorFlow, which is one per process: each computes with its own options, also in turns. */
import { expect, it } from "vitest";
import { load } from "../../src/index.ts";
import type { LoadOptions, Transcriber } from "../../src/index.ts";
import { capture } from "../../src/lab.ts";
import type { Activation } from "../../src/lab.ts";
import { describeOn } from "../helpers/environment/backends.ts";
import { fixture } from "../helpers/environment/fixtures.ts";
import { normals } from "../helpers/builders/random.ts";
import { untimed } from "../helpers/environment/untimed.ts";

const file = fixture("tiny/fun-asr-nano/fun-asr-nano-q8_0.gguf");
const samples = normals(1, 16_000, 0.1);
const options = { maxNewTokens: 12, silenceGate: "off" } as const;

const lastValues = (model: Transcriber): Promise<Activation[]> =>
  capture(model, samples, { ...options, capture: ["audio_encoder.tp_norm*", "*lm_head*"] });

describeOn("tensorflow", "engines on tensorflow", () => {
  it("keep their arithmetic, alone and in turns with one another and with wasm", async () => {
    const settings: LoadOptions[] = [
      { backend: "tensorflow" },
      { backend: "tensorflow", tensorflow: { arithmetic: "bfloat16", expanded: true } },
      { backend: "tensorflow", tensorflow: { arithmetic: "half" } },
      { backend: "wasm", threads: 1 },
      { backend: "hybrid" },
    ];
    const models = await Promise.all(settings.map((choice) => load(file, choice)));
    const alone: Activation[][] = [];
    for (const model of models) alone.push(await lastValues(model));
    expect(await Promise.all(models.map(lastValues))).toEqual(alone);
    expect(alone[1]).not.toEqual(alone[0]);
    expect(alone[2]).not.toEqual(alone[0]);
    for (const model of models) model.dispose();
  });

  it("compile decoding for those that want it, one text at a time", async () => {
    using graph = await load(file, { backend: "tensorflow", tensorflow: { decoding: "graph" } });
    using eager = await load(file, { backend: "tensorflow", tensorflow: { decoding: "eager" } });
    const inputs = [4_000, 16_000, 9_000].map((length) => samples.subarray(0, length));
    const texts = (model: Transcriber): Promise<string>[] =>
      inputs.map(async (input) => untimed({ tokens: (await model.transcribe(input, options)).tokens }));
    const alone: string[] = [];
    for (const input of inputs)
      alone.push(untimed({ tokens: (await eager.transcribe(input, options)).tokens }));
    expect(await Promise.all([...texts(graph), ...texts(eager)])).toEqual([...alone, ...alone]);
  });
});
