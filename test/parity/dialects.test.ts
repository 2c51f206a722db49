/**
 * The tiny models as other projects' own tools wrote them (fixtures/dialects) compute what our files do: all stages, bit
 * by bit, on the defining backend. Quantized ones are compared with the same model in floats, whose values are those that
 * MLX and ggml define for them; how far these are from the original's is bounded by the quantization itself.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { compare } from "../../src/diff/compare.ts";
import { load } from "../../src/index.ts";
import { capture } from "../../src/lab.ts";
import type { Activation } from "../../src/lab.ts";
import type { Transcriber } from "../../src/index.ts";
import { openModel } from "../../src/containers/open-model.ts";
import type { Checkpoint } from "../../src/checkpoints/checkpoint.ts";
import { memoryCheckpoint } from "../helpers/fakes/memory-checkpoint.ts";
import { readModel, valuesOf } from "../helpers/builders/namings.ts";
import type { Model, Values } from "../helpers/builders/namings.ts";
import { fixture } from "../helpers/environment/fixtures.ts";

const clip = fixture("audio/tiny.wav");
const dialect = (path: string): string => fixture(`dialects/${path}`);

const captured = (transcriber: Transcriber): Promise<readonly Activation[]> =>
  capture(transcriber, clip, { maxNewTokens: 3 });

/** No dialect has the CTC branch of Fun-ASR-Nano. */
const shared = (stages: readonly Activation[]): readonly Activation[] =>
  stages.filter(({ name }) => !/^ctc(_decoder)?(\.|$)/.test(name));

function expectSameStages(found: readonly Activation[], expected: readonly Activation[]): void {
  expect(found.map(({ name }) => name)).toStrictEqual(expected.map(({ name }) => name));
  for (const [i, { name, values }] of expected.entries())
    expect([name, Buffer.compare(bytes(found[i]!.values), bytes(values))]).toStrictEqual([name, 0]);
}

const bytes = (values: Float32Array): Buffer =>
  Buffer.from(values.buffer, values.byteOffset, values.byteLength);

describe("Fun-ASR-Nano", () => {
  let original: Model;
  let stages: readonly Activation[];
  let text: string;
  beforeAll(async () => {
    const file = fixture("tiny/fun-asr-nano/fun-asr-nano-bf16.gguf");
    original = await readModel(file);
    using transcriber = await load(file, { backend: "cpu" });
    stages = shared(await captured(transcriber));
    ({ text } = await transcriber.transcribe(clip, { maxNewTokens: 3 }));
  });

  test.each([
    "transformers",
    "audio-cpp/fun-asr-nano-f16.gguf",
    "mlx-audio",
    "vllm",
    "transcribe-cpp/funasr_nano.gguf",
  ])("%s is the model", async (path) => {
    using twin = await load(dialect(path), { backend: "cpu" });
    expectSameStages(await captured(twin), stages);
    expect((await twin.transcribe(clip, { maxNewTokens: 3 })).text).toBe(text);
    expect(text).not.toBe("");
  });

  /**
   * How many tensors are quantized, and a bound of the relative L2 error of each; the largest are 0.0057, 0.0050, 0.0856,
   * 0.0809 and 0.0814. audio.cpp quantizes every matrix whose rows allow it: 19 of the encoder (queries, keys and values joined), 12
   * of the adaptor, 14 of the language model.
   */
  test.each([
    ["audio-cpp/fun-asr-nano-q8_0.gguf", 45, 0.006],
    ["mlx-audio-plus-8bit", 26, 0.0055],
    ["mlx-audio-plus-4bit", 26, 0.09],
    ["mlx-audio-4bit", 4, 0.09],
    ["funasr-mlx-nano", 14, 0.09],
  ])("%s is the model but for its quantization", async (path, count, bound) => {
    await using checkpoint = await openModel(dialect(path));
    const values = await allValues(checkpoint);
    expect([...values.keys()].toSorted()).toStrictEqual(
      [...original.tensors.keys()].filter((name) => !name.startsWith("ctc")).toSorted(),
    );
    const errors = [...values].map(([name, found]) => relativeL2(found, original.tensors.get(name)!));
    const changed = errors.filter((error) => error > 0);
    expect([changed.length, Math.max(...changed) < bound]).toEqual([count, true]);

    using twin = await load(checkpoint, { backend: "cpu" });
    using inFloats = await load(memoryCheckpoint(checkpoint.metadata, values), { backend: "cpu" });
    expectSameStages(await captured(twin), await captured(inFloats));
  });
});

test("blocks that groups were packed into are computed by the fast kernels too", async () => {
  using fast = await load(dialect("mlx-audio-plus-4bit"), { backend: "wasm" });
  using plain = await load(dialect("mlx-audio-plus-4bit"), { backend: "cpu" });
  const name = "llm.model.norm";
  const found = (await captured(fast)).find((stage) => stage.name === name);
  const expected = (await captured(plain)).find((stage) => stage.name === name);
  // the fast kernels multiply with activations in 8 bits
  const distance = compare(name, found!, expected!);
  expect(distance.relativeL2).toBeLessThan(0.05);
  expect(distance.worstRowCosine).toBeGreaterThan(0.999);
});

describe("SenseVoice", () => {
  let transcriber: Transcriber;
  beforeAll(async () => {
    transcriber = await load(fixture("tiny/sensevoice/sensevoice-bf16.gguf"), { backend: "cpu" });
  });
  afterAll(() => transcriber.dispose());

  test.each(["transcribe-cpp/sensevoice.gguf", "mlx-audio-sensevoice", "funasr-mlx-sensevoice"])(
    "%s is the model",
    async (path) => {
      using twin = await load(dialect(path), { backend: "cpu" });
      expectSameStages(await captured(twin), await captured(transcriber));
      const [theirs, ours] = [await twin.transcribe(clip), await transcriber.transcribe(clip)];
      expect(theirs.text).toBe(ours.text);
      expect(ours.text).not.toBe("");
    },
  );
});

describe("Paraformer", () => {
  test("funasr-mlx-paraformer is the model", async () => {
    using twin = await load(dialect("funasr-mlx-paraformer"), { backend: "cpu" });
    using transcriber = await load(fixture("tiny/paraformer/paraformer-bf16.gguf"), { backend: "cpu" });
    expectSameStages(await captured(twin), await captured(transcriber));
    const [theirs, ours] = [await twin.transcribe(clip), await transcriber.transcribe(clip)];
    expect(theirs.text).toBe(ours.text);
    expect(ours.text).not.toBe("");
  });
});

async function allValues({ tensors }: Checkpoint): Promise<ReadonlyMap<string, Values>> {
  const values = new Map<string, Values>();
  for (const [name, entry] of tensors) values.set(name, await valuesOf(entry));
  return values;
}

function relativeL2(found: Values, expected: Values): number {
  expect(found.shape).toStrictEqual(expected.shape);
  let [squares, errors] = [0, 0];
  for (const [i, value] of expected.values.entries()) {
    squares += value * value;
    errors += (found.values[i]! - value) ** 2;
  }
  return Math.sqrt(errors / squares);
}
