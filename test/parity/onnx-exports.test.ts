/**
 * The tiny models as FunASR and sherpa-onnx export them (fixtures/dialects/*-onnx-*). Each weight has the bits that NumPy
 * computes for it; float32 files compute what our files do, bit by bit, on the defining backend; quantized ones are near what
 * ONNX Runtime computes from them, which rounds activations to 8 bits too, and nearer to the original than that.
 */
import { readFileSync } from "node:fs";
import { copyFile, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openModel } from "../../src/containers/open-model.ts";
import { load } from "../../src/index.ts";
import type { Transcriber } from "../../src/index.ts";
import { capture } from "../../src/lab.ts";
import type { Activation } from "../../src/lab.ts";
import { hashesOf, hashOf } from "../helpers/builders/weight-hashes.ts";
import { fixture } from "../helpers/environment/fixtures.ts";
import { readArchive } from "../helpers/environment/read-archive.ts";
import { cli } from "../helpers/environment/screen.ts";
import { temporaryFolder } from "../helpers/environment/temporary.ts";

const clip = fixture("audio/tiny.wav");
const dialect = (path: string): string => fixture(`dialects/${path}`);
const hashes = JSON.parse(readFileSync(dialect("onnx-weights.json"), "utf8")) as Readonly<
  Record<string, Readonly<Record<string, string>>>
>;

test.each(Object.keys(hashes).filter((file) => file.endsWith(".onnx")))(
  "%s holds these weights",
  async (file) => {
    await using model = await openModel(dialect(file));
    const weights = [...model.tensors.values()].filter(({ name }) => !name.startsWith("cmvn."));
    expect(await hashesOf(weights)).toEqual(hashes[file]);
  },
);

/** The bounds are of the relative L2 distance to ONNX Runtime's output. */
interface Family {
  readonly name: string;
  readonly stage: string;
  readonly whole: readonly string[];
  readonly quantized: readonly (readonly [path: string, bound: number])[];
}

const families: readonly Family[] = [
  {
    name: "paraformer",
    stage: "encoder.after_norm",
    whole: ["funasr-onnx-paraformer", "funasr-onnx-paraformer/model.onnx"],
    quantized: [
      ["funasr-onnx-paraformer/model_quant.onnx", 0.02],
      ["sherpa-onnx-paraformer/model.int8.onnx", 0.02],
      ["sherpa-onnx-paraformer", 0.02],
    ],
  },
  {
    name: "sensevoice",
    stage: "ctc.ctc_lo",
    whole: ["funasr-onnx-sensevoice", "sherpa-onnx-sensevoice", "sherpa-onnx-sensevoice/model.onnx"],
    quantized: [
      ["funasr-onnx-sensevoice/model_quant.onnx", 0.02],
      ["sherpa-onnx-sensevoice/model.int8.onnx", 0.02],
    ],
  },
];

describe.each(families)("$name", ({ name, stage, whole, quantized }) => {
  let original: Transcriber;
  let stages: readonly Activation[];
  beforeAll(async () => {
    original = await load(fixture(`tiny/${name}/${name}-bf16.gguf`), { backend: "cpu" });
    stages = await capture(original, clip, { itn: false });
  });
  afterAll(() => original.dispose());

  test.each(whole)("%s is the model", async (path) => {
    using twin = await load(dialect(path), { backend: "cpu" });
    const found = await capture(twin, clip, { itn: false });
    expect(found.map((it) => it.name)).toStrictEqual(stages.map((it) => it.name));
    for (const [i, { name: at, values }] of stages.entries())
      expect([at, Buffer.compare(bytes(found[i]!.values), bytes(values))]).toStrictEqual([at, 0]);
    const [theirs, ours] = [await twin.transcribe(clip), await original.transcribe(clip)];
    expect(theirs.text).toBe(ours.text);
    expect(ours.text).not.toBe("");
  });

  test.each(quantized)("%s is the model but for its quantization", async (path, bound) => {
    const archive = await readArchive(dialect("onnx-outputs.safetensors"));
    const file = path.endsWith(".onnx") ? path : `${path}/model.int8.onnx`;
    const theirs = archive.stages.get(file)!.values;
    using twin = await load(dialect(path), { backend: "cpu" });
    const values = valuesAt(await capture(twin, clip, { itn: false }), stage);
    const truth = valuesAt(stages, stage);
    expect(relativeL2(values, theirs)).toBeLessThan(bound);
    expect(relativeL2(values, truth)).toBeLessThan(relativeL2(theirs, truth));
    expect(relativeL2(values, truth)).toBeGreaterThan(0);
  });
});

/** The file with `from` in place of `to` wherever it stands, both of one length, in a folder with the companions. */
async function changed(folder: string, file: string, from = "", to = ""): Promise<string> {
  expect(to).toHaveLength(from.length);
  const place = await temporaryFolder();
  for (const name of ["am.mvn", "tokens.json", "tokens.txt", "config.yaml"])
    await copyFile(dialect(`${folder}/${name}`), join(place, name)).catch(() => undefined);
  const text = (await readFile(dialect(`${folder}/${file}`))).toString("latin1");
  expect(text.includes(from)).toBe(true);
  await writeFile(join(place, file), Buffer.from(from === "" ? text : text.replaceAll(from, to), "latin1"));
  return place;
}

describe("a changed file", () => {
  test("of an exporter that names no paths is read by its biases", async () => {
    const place = await changed("funasr-onnx-paraformer", "model.onnx", "/decoder/", "_decoder_");
    await using found = await openModel(place);
    expect(found.tensors.size).toBe(94);
    const entry = found.tensors.get("decoder.decoders.1.feed_forward.w_2.weight")!;
    expect(await hashOf(entry)).toBe(hashes["funasr-onnx-paraformer/model.onnx"]![entry.name]);
  });

  test.each([
    ["sherpa-onnx-sensevoice", "model.onnx", "ctc_lo.bias", "xxx_lo.bias"],
    ["funasr-onnx-paraformer", "model.onnx", "cif_output.bias", "xxx_output.bias"],
  ])("that lacks a tensor is incomplete: %s", async (folder, file, from, to) => {
    const place = await changed(folder, file, from, to);
    expect(await cli("inspect", place)).toMatchObject({ exitCode: 3 });
    expect(await cli("convert", place, "-o", join(place, "o.gguf"))).toMatchObject({ exitCode: 3 });
  });

  test.each([
    ["neg_mean", "-8.70602,", "-8.7060x,", "neg_mean"],
    ["lfr_window_size", "lfr_window_size\x12\x017", "lfr_window_size\x12\x01x", "lfr_window_size"],
    ["normalize_samples", "normalize_samples\x12\x010", "normalize_samples\x12\x011", "normalize_samples"],
  ])("whose notes are no numbers that fit is refused: %s", async (_, from, to, where) => {
    const place = await changed("sherpa-onnx-sensevoice", "model.int8.onnx", from, to);
    await expect(openModel(place)).rejects.toMatchObject({
      code: "checkpoint_malformed",
      where: expect.stringContaining(where) as string,
    });
  });

  test("beside the configuration of another model is read by its shapes", async () => {
    const place = await changed("sherpa-onnx-paraformer", "model.int8.onnx");
    await copyFile(fixture("tiny/sensevoice/config.yaml"), join(place, "config.yaml"));
    await using found = await openModel(join(place, "model.int8.onnx"));
    expect(found.naming).toBe("ONNX (sherpa-onnx's Paraformer)");
  });

  test("with a line of tokens.txt out of order is refused", async () => {
    const place = await changed("sherpa-onnx-paraformer", "model.int8.onnx");
    const tokens = await readFile(join(place, "tokens.txt"), "utf8");
    await writeFile(join(place, "tokens.txt"), tokens.replace("<s> 1", "<s> 2"));
    await expect(openModel(place)).rejects.toMatchObject({ code: "bad_tokenizer" });
  });
});

/** The tiny SeACo-Paraformer is one with a bias towards hotwords in addition. */
describe("BiCif-Paraformer", () => {
  const folder = "funasr-onnx-bicif-paraformer";
  const original = fixture("tiny/seaco-paraformer");

  test("has the weights, the head for times with its LSTM among them", async () => {
    await using model = await openModel(dialect(folder));
    await using seaco = await openModel(original);
    expect(model.tensors.size).toBe(106);
    expect([...model.tensors.keys()].filter((name) => name.startsWith("predictor.blstm."))).toHaveLength(8);
    const expected = [...model.tensors.keys()].map((name) => seaco.tensors.get(name)!);
    expect(await hashesOf(model.tensors.values())).toEqual(await hashesOf(expected));
    for (const [key, value] of model.metadata)
      if (key.startsWith("paraformer.")) expect([key, value]).toEqual([key, seaco.metadata.get(key)]);
  });

  test("computes the same text and times", async () => {
    using twin = await load(dialect(folder), { backend: "cpu" });
    using seaco = await load(original, { backend: "cpu" });
    const [theirs, ours] = [await twin.transcribe(clip), await seaco.transcribe(clip)];
    expect(theirs.tokens).toEqual(ours.tokens);
    expect(ours.text).not.toBe("");
  });

  test("is refused where a size of the LSTM is another", async () => {
    // dimensions and type of the state's weights: [2, 4 · 32, 32], and as many as [4, 64, 32]
    const [from, to] = ["\x08\x02\x08\x80\x01\x08\x20\x10\x01", "\x08\x04\x08\xc0\x00\x08\x20\x10\x01"];
    const place = await changed(folder, "model.onnx", from, to);
    await expect(openModel(place)).rejects.toMatchObject({
      code: "checkpoint_malformed",
      message: expect.stringContaining("weights of an LSTM") as string,
    });
  });

  test("needs no settings, and is quantized but for its LSTM", async () => {
    const place = await changed(folder, "model_quant.onnx");
    await rm(join(place, "config.yaml"));
    await using model = await openModel(place);
    await using whole = await openModel(dialect(folder));
    expect(model.metadata).toEqual(whole.metadata);
    const [found, expected] = [
      await hashesOf(model.tensors.values()),
      await hashesOf(whole.tensors.values()),
    ];
    const differ = Object.keys(expected).filter((name) => found[name] !== expected[name]);
    expect(differ).toHaveLength(24);
    expect(differ.filter((name) => name.startsWith("predictor."))).toEqual([]);
  });
});

test("convert writes what the canonical file holds", async () => {
  const output = join(await temporaryFolder(), "sensevoice.gguf");
  expect(await cli("convert", dialect("sherpa-onnx-sensevoice"), "-o", output)).toMatchObject({
    exitCode: 0,
  });
  const run = await cli("transcribe", "-m", output, clip);
  const same = await cli("transcribe", "-m", dialect("sherpa-onnx-sensevoice/model.onnx"), clip);
  expect(run.exitCode).toBe(0);
  expect(run.results).toStrictEqual(same.results);
  expect(run.results).not.toEqual([]);
});

const bytes = (values: Float32Array): Buffer =>
  Buffer.from(values.buffer, values.byteOffset, values.byteLength);

const valuesAt = (stages: readonly Activation[], stage: string): Float32Array =>
  stages.find(({ name }) => name === stage)!.values;

function relativeL2(found: Float32Array, expected: Float32Array): number {
  expect(found).toHaveLength(expected.length);
  let [squares, errors] = [0, 0];
  for (const [i, value] of expected.entries()) {
    squares += value * value;
    errors += (found[i]! - value) ** 2;
  }
  return Math.sqrt(errors / squares);
}
