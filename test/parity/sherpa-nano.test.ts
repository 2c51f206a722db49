/**
 * The tiny Fun-ASR-Nano as sherpa-onnx publishes it (fixtures/dialects/sherpa-onnx-nano*): encoder with adaptor, language
 * model and embedding as graphs of their own, and the model with the CTC branch. Its encoder lacks the feed-forward of the
 * entry layer, so the model that it is compared with has zeros there.
 */
import { readFileSync } from "node:fs";
import { cp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openModel } from "../../src/containers/open-model.ts";
import { load } from "../../src/index.ts";
import type { Transcriber } from "../../src/index.ts";
import { capture } from "../../src/lab.ts";
import type { Activation } from "../../src/lab.ts";
import { hashesOf } from "../helpers/builders/weight-hashes.ts";
import { readModel } from "../helpers/builders/namings.ts";
import { fixture } from "../helpers/environment/fixtures.ts";
import { readArchive } from "../helpers/environment/read-archive.ts";
import { cli } from "../helpers/environment/screen.ts";
import { temporaryFolder } from "../helpers/environment/temporary.ts";
import { memoryCheckpoint } from "../helpers/fakes/memory-checkpoint.ts";

const clip = fixture("audio/tiny.wav");
const dialect = (path: string): string => fixture(`dialects/${path}`);
const hashes = JSON.parse(readFileSync(dialect("onnx-weights.json"), "utf8")) as Readonly<
  Record<string, Readonly<Record<string, string>>>
>;
const lacking = /^audio_encoder\.encoders0\.0\.(feed_forward|norm2)\./;
const isCtc = (name: string): boolean => /^ctc(_decoder)?(\.|$)/.test(name);

const captured = (transcriber: Transcriber): Promise<readonly Activation[]> =>
  capture(transcriber, clip, { maxNewTokens: 3 });

let original: Transcriber;
let stages: readonly Activation[];
beforeAll(async () => {
  const { metadata, tensors } = await readModel(fixture("tiny/fun-asr-nano/fun-asr-nano-bf16.gguf"));
  const without = [...tensors].map(([name, { shape, values }]) => {
    const kept = lacking.test(name) ? new Float32Array(values.length) : values;
    return [name, { shape, values: kept }] as const;
  });
  original = await load(memoryCheckpoint(metadata, new Map(without)), { backend: "cpu" });
  stages = await captured(original);
});
afterAll(() => original.dispose());

function expectSameStages(found: readonly Activation[], expected: readonly Activation[]): void {
  expect(found.map(({ name }) => name)).toStrictEqual(expected.map(({ name }) => name));
  for (const [i, { name, values }] of expected.entries())
    expect([name, Buffer.compare(bytes(found[i]!.values), bytes(values))]).toStrictEqual([name, 0]);
}

describe("the sets", () => {
  test.each([
    ["sherpa-onnx-nano", "sherpa-onnx-nano"],
    ["sherpa-onnx-nano", "sherpa-onnx-nano/llm.onnx"],
    ["sherpa-onnx-nano-int8", "sherpa-onnx-nano-int8"],
    ["sherpa-onnx-nano-int8", "sherpa-onnx-nano-int8/encoder_adaptor.int8.onnx"],
  ])("%s has these weights: %s", async (set, path) => {
    await using model = await openModel(dialect(path));
    const held = [...model.tensors.values()].filter(({ name }) => !lacking.test(name));
    expect(await hashesOf(held)).toEqual(hashes[set]);
    expect(model.tensors.size - held.length).toBe(6);
  });

  test("in float32 it is the model without the CTC branch", async () => {
    using twin = await load(dialect("sherpa-onnx-nano"), { backend: "cpu" });
    expectSameStages(
      await captured(twin),
      stages.filter(({ name }) => !isCtc(name)),
    );
  });

  /** Relative L2 distances to ONNX Runtime's rows, which has 8-bit activations too in the quantized graph. */
  test.each([
    ["sherpa-onnx-nano", "encoder_adaptor.onnx", 1e-5],
    ["sherpa-onnx-nano-int8", "encoder_adaptor.int8.onnx", 0.03],
  ])("%s computes what ONNX Runtime does", async (set, file, bound) => {
    const archive = await readArchive(dialect("onnx-outputs.safetensors"));
    using twin = await load(dialect(set), { backend: "cpu" });
    const rows = valuesAt(await captured(twin), "audio_adaptor");
    const theirs = archive.stages.get(`${set}/${file}`)!.values;
    expect(relativeL2(rows, theirs)).toBeLessThan(bound);
    const truth = valuesAt(stages, "audio_adaptor");
    if (file.includes("int8")) expect(relativeL2(rows, truth)).toBeLessThan(relativeL2(theirs, truth));
  });
});

describe("with the CTC model", () => {
  const files = [
    "sherpa-onnx-nano/encoder_adaptor.onnx",
    "sherpa-onnx-nano-ctc/model.onnx",
    "sherpa-onnx-nano/llm.onnx",
    "sherpa-onnx-nano-ctc/tokens.txt",
  ].map(dialect);

  test("all stages are the model's", async () => {
    using twin = await load(files, { backend: "cpu" });
    expectSameStages(await captured(twin), stages);
    const [theirs, ours] = [
      await twin.transcribe(clip, { maxNewTokens: 3 }),
      await original.transcribe(clip, { maxNewTokens: 3 }),
    ];
    expect(theirs.text).toBe(ours.text);
    expect(ours.text).not.toBe("");
  });

  test("its weights are those that NumPy reads", async () => {
    await using model = await openModel(files);
    const branch = Object.entries(hashes["sherpa-onnx-nano-ctc"]!).filter(([name]) => isCtc(name));
    expect(branch).toHaveLength(38);
    expect(await hashesOf([...model.tensors.values()].filter(({ name }) => isCtc(name)))).toEqual(
      Object.fromEntries(branch),
    );
  });
});

describe("the command line", () => {
  test("takes the folder", async () => {
    const set = dialect("sherpa-onnx-nano-int8");
    expect(await cli("inspect", set)).toMatchObject({ exitCode: 0 });
    const output = join(await temporaryFolder(), "nano.gguf");
    expect(await cli("convert", set, "-o", output)).toMatchObject({ exitCode: 0 });
    const options = ["--max-tokens", "3", "--backend", "cpu", clip];
    const [direct, converted] = [
      await cli("transcribe", "-m", set, ...options),
      await cli("transcribe", "-m", output, ...options),
    ];
    expect(direct.exitCode).toBe(0);
    expect(direct.results).not.toEqual([]);
    expect(converted.results).toStrictEqual(direct.results);
  });

  test("takes the most precise files of a folder, and those of a named file's precision", async () => {
    const place = join(await temporaryFolder(), "set");
    for (const set of ["sherpa-onnx-nano", "sherpa-onnx-nano-int8"])
      await cp(dialect(set), place, { recursive: true });
    for (const [file, set] of [
      ["", "sherpa-onnx-nano"],
      ["llm.onnx", "sherpa-onnx-nano"],
      ["llm.int8.onnx", "sherpa-onnx-nano-int8"],
    ] as const) {
      await using model = await openModel(join(place, file));
      const held = [...model.tensors.values()].filter(({ name }) => !lacking.test(name));
      expect(await hashesOf(held)).toEqual(hashes[set]);
    }
  });

  test("names what a folder lacks", async () => {
    const place = join(await temporaryFolder(), "set");
    await cp(dialect("sherpa-onnx-nano-int8"), place, { recursive: true });
    await rm(join(place, "embedding.int8.onnx"));
    await expect(openModel(place)).rejects.toMatchObject({ code: "file_not_found", where: place });
    await cp(dialect("sherpa-onnx-nano/embedding.onnx"), join(place, "embedding.onnx"));
    await using mixed = await openModel(place);
    expect(mixed.tensors.has("llm.model.embed_tokens.weight")).toBe(true);
    await rm(join(place, "Qwen3-0.6B"), { recursive: true });
    await expect(openModel(place)).rejects.toMatchObject({ code: "file_not_found" });
  });

  test("refuses a language model of which a product has another name", async () => {
    const place = join(await temporaryFolder(), "set");
    await cp(dialect("sherpa-onnx-nano-int8"), place, { recursive: true });
    const file = join(place, "llm.int8.onnx");
    const text = (await readFile(file)).toString("latin1");
    expect(text.includes("/down_proj_1/")).toBe(true);
    await writeFile(file, Buffer.from(text.replaceAll("/down_proj_1/", "/other_proj1/"), "latin1"));
    expect(await cli("inspect", place)).toMatchObject({ exitCode: 3 });
  });
});

const bytes = (values: Float32Array): Buffer =>
  Buffer.from(values.buffer, values.byteOffset, values.byteLength);

const valuesAt = (list: readonly Activation[], stage: string): Float32Array =>
  list.find(({ name }) => name === stage)!.values;

function relativeL2(found: Float32Array, expected: Float32Array): number {
  expect(found).toHaveLength(expected.length);
  let [squares, errors] = [0, 0];
  for (const [i, value] of expected.entries()) {
    squares += value * value;
    errors += (found[i]! - value) ** 2;
  }
  return Math.sqrt(errors / squares);
}
