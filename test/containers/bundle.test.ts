/**
 * A model from its parts. Fun-ASR-GGUF's bundle is made here of the tiny model as its exporter makes it of the real one:
 * nameless constants in front of named biases, no feed-forward in the entry layer. It must give the tiny model back; so
 * must the parts in any other combination of files.
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { compareModels } from "../../converters/compare.ts";
import { convert } from "../../converters/writers/convert.ts";
import { openFiles, openModel } from "../../src/containers/open-paths.ts";
import { unpackRow } from "../../kernels/formats/index.ts";
import type { TensorEntry } from "../../src/checkpoints/checkpoint.ts";
import { load } from "../../src/index.ts";
import { openCheckpoint } from "../../src/architectures/open.ts";
import { CTC_SPECIALS } from "../../src/text/ctc-tokens.ts";
import { fixture } from "../helpers/environment/fixtures.ts";
import { bytes, modelProto, node, tensorProto } from "../helpers/builders/protobuf.ts";
import { cli } from "../helpers/environment/screen.ts";

const tiny = new URL("../../fixtures/tiny/fun-asr-nano/fun-asr-nano-bf16.gguf", import.meta.url).pathname;
const entryFeedForward = /encoders0\.0\.(feed_forward|norm2)\./;

let folder: string;
let files: { encoder: string; ctc: string; llm: string; tokens: string };
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "bundle-"));
  const path = (name: string): string => join(folder, name);
  files = {
    encoder: path("encoder.onnx"),
    ctc: path("ctc.onnx"),
    llm: path("nano-qwen3.gguf"),
    tokens: path("tokens.txt"),
  };
  await using source = await openCheckpoint(tiny);
  const part = (pattern: RegExp) =>
    [...source.tensors.values()].filter(({ name }) => pattern.test(name) && !entryFeedForward.test(name));
  await writeFile(files.encoder, await exported(part(/^audio_/)));
  await writeFile(files.ctc, await exported(part(/^ctc/)));
  await convert(tiny, path("nano.gguf"), { layout: "official", type: "BF16" });
  const base = source.metadata.get("fun-asr-nano.ctc.tokens") as readonly string[];
  const lines = [
    ...base,
    ...Array.from({ length: CTC_SPECIALS }, (_, i) => Buffer.from(`<|${i}|>`).toString("base64")),
  ];
  await writeFile(files.tokens, lines.map((token, id) => `${token} ${id}\n`).join(""));
});
afterAll(() => rm(folder, { recursive: true }));

/** A graph of the tensors: a product and a sum for each linear layer, all else by name. */
async function exported(entries: readonly TensorEntry[]): Promise<Buffer> {
  const graph: Buffer[] = [];
  for (const [index, entry] of entries.entries()) {
    const values = await floats(entry);
    const [rows = 1, columns = 1] = entry.shape;
    const linear = entry.shape.length === 2 && !entry.name.endsWith("fsmn_block.weight");
    const kernel = entry.shape.length === 2 && !linear;
    const name = linear ? `onnx::MatMul_${index}` : entry.name.replace("ctc.ctc_lo", "ctc_proj");
    const dims = linear ? [columns, rows] : kernel ? [rows, 1, columns] : entry.shape;
    const data = linear ? turned(values, rows, columns) : values;
    graph.push(bytes(5, tensorProto({ name, dims, extra: [bytes(9, Buffer.from(data.buffer))] })));
    if (!linear) continue;
    const bias = entry.name.replace("ctc.ctc_lo", "ctc_proj").replace(/weight$/, "bias");
    graph.push(bytes(1, node("MatMul", [`x${index}`, name], [`p${index}`])));
    graph.push(bytes(1, node("Add", [`p${index}`, bias], [`y${index}`])));
  }
  return modelProto(...graph);
}

async function floats(entry: TensorEntry): Promise<Float32Array> {
  const data = new Uint8Array(entry.byteLength);
  await entry.read(data);
  const values = new Float32Array(entry.shape.reduce((product, size) => product * size, 1));
  unpackRow(entry.format, data, 0, values, values.length);
  return values;
}

function turned(values: Float32Array, rows: number, columns: number): Float32Array {
  return Float32Array.from(values, (_, i) => values[(i % rows) * columns + Math.floor(i / rows)] ?? NaN);
}

test("the command line recognizes the same with the parts and with one file", async () => {
  const whole = join(folder, "whole.gguf");
  await using bundle = await openModel(Object.values(files));
  await convert(Object.values(files), whole, { type: "F32" });
  const { encoder, ctc, llm, tokens } = files;
  const asked = ["-f", fixture("audio/tiny.wav"), "-n", "3", "--timestamps", "--json-lines"];
  const parts = await cli("--audio", encoder, "--ctc", ctc, "--llm", llm, "--tokens", tokens, ...asked);
  const one = await cli("-m", whole, ...asked);
  expect([parts.exitCode, one.exitCode]).toEqual([0, 0]);
  const recognized = (line: string | undefined) => {
    const { tokens: ids, text, ctcText, characters } = JSON.parse(line!) as Record<string, unknown>;
    return { ids, text, ctcText, characters };
  };
  expect(recognized(parts.results[0])).toEqual(recognized(one.results[0]));
  expect(recognized(parts.results[0])).toMatchObject({ ids: { length: 3 }, ctcText: expect.any(String) });

  using model = await load(bundle);
  expect(model.info).toMatchObject({ ctc: true, naming: "parts (ONNX + qwen3)" });
  using again = await load(bundle); // load leaves it open
  expect(again.info).toEqual(model.info);
});

test("parts and a whole model exclude each other", async () => {
  const both = await cli("-m", tiny, "--audio", files.encoder, "-f", fixture("audio/tiny.wav"));
  const lone = await cli("-m", tiny, "--ctc", files.ctc, "-f", fixture("audio/tiny.wav"));
  expect([both.exitCode, lone.exitCode]).toEqual([2, 2]);
  expect(both.notes.join()).toContain("either -m or --audio");
  expect(lone.notes.join()).toContain("--audio");
});

test("the parts give the model, but for what the exporter leaves out", async () => {
  await using bundle = await openModel(Object.values(files));
  await using source = await openCheckpoint(tiny);
  expect(bundle.naming).toBe("parts (ONNX + qwen3)");
  expect(bundle.notes).toEqual([expect.stringContaining("filled with zeros")]);
  const { tensors, keys } = await compareModels(bundle, source);
  const apart = tensors.filter(({ relativeL2 }) => relativeL2 !== 0).map(({ name }) => name);
  expect(apart.every((name) => entryFeedForward.test(name))).toBe(true);
  expect(apart).toHaveLength(6);
  expect(keys.map(({ key }) => key).filter((key) => !key.startsWith("general."))).toEqual([]);
});

test("the parts convert to one file", async () => {
  const to = join(folder, "one.gguf");
  const report = await convert(Object.values(files), to, { type: "Q8_0" });
  expect(report.tensors).toHaveLength(167);
  await using one = await openCheckpoint(to);
  expect(one.naming).toBe("gguf (fun-asr)");
});

describe("refused", () => {
  test.each([
    ["no language model", ["encoder", "ctc", "tokens"], "bad_option"],
    ["CTC without tokens", ["encoder", "ctc", "llm"], "bad_tokenizer"],
    ["the same export twice", ["encoder", "encoder", "llm"], "bad_tensors"],
    ["no encoder", ["ctc", "llm", "tokens"], "bad_option"],
    ["two lists of tokens", ["encoder", "ctc", "llm", "tokens", "tokens"], "bad_option"],
  ] as const)("%s", async (_, parts, code) => {
    await expect(openModel(parts.map((part) => files[part]))).rejects.toMatchObject({ code });
  });
});

test("without the CTC export there is no CTC branch", async () => {
  await using bundle = await openModel([files.encoder, files.llm]);
  expect([...bundle.metadata.keys()].filter((key) => key.includes("ctc"))).toEqual([]);
});

const onnx = (name: string): string => fixture(`onnx/${name}.onnx`);
/** The official encoder, without CTC. */
const audioGguf = (): string => join(folder, "nano.gguf");

/** Names of tensors that are not, value by value, those of the tiny model; `only` those that match. */
async function apartFromTiny(model: Awaited<ReturnType<typeof openModel>>, only: RegExp): Promise<string[]> {
  await using source = await openCheckpoint(tiny);
  const { tensors } = await compareModels(model, source);
  return tensors
    .filter(({ name, relativeL2 }) => only.test(name) && relativeL2 !== 0)
    .map(({ name }) => name);
}

describe("parts of any container", () => {
  test("the older guide's pair is the model, bit for bit, but for the CTC branch", async () => {
    await using model = await openModel([
      onnx("FunASR_Nano_Encoder"),
      onnx("FunASR_Nano_Decoder_Embed"),
      files.llm,
    ]);
    expect(model.notes).toEqual([
      expect.stringContaining("that is undone"),
      expect.stringContaining("is not needed"),
    ]);
    expect(await apartFromTiny(model, /^(audio|llm)/)).toEqual([]);
  });

  test("a GGUF encoder with a CTC branch in ONNX", async () => {
    await using model = await openModel([audioGguf(), onnx("ctc.fp16"), files.llm, files.tokens]);
    expect(model.naming).toBe("parts (official Fun-ASR-Nano + ONNX + qwen3)");
    expect(await apartFromTiny(model, /^(audio|llm)/)).toEqual([]);
    using loaded = await load(model);
    expect(loaded.info).toMatchObject({ ctc: true });
  });

  test("a part that is named takes precedence over one that another file also has", async () => {
    await using model = await openFiles([
      { path: tiny, take: "audio" },
      { path: onnx("ctc.int8"), take: "ctc" },
      { path: files.tokens },
    ]);
    expect(await apartFromTiny(model, /^(audio|llm)/)).toEqual([]);
    expect(await apartFromTiny(model, /^ctc.*w_1\.weight$/)).toHaveLength(2);
  });

  test("the CTC branch of a whole model's file, beside another encoder", async () => {
    await using model = await openFiles([
      { path: files.encoder, take: "audio" },
      { path: tiny, take: "ctc" },
      { path: files.llm, take: "llm" },
    ]);
    expect(await apartFromTiny(model, /^(ctc|llm)/)).toEqual([]);
    expect(model.metadata.get("fun-asr-nano.ctc.blank_id")).toBe(1973);
  });

  test.each([
    ["int8", "encoder.int8", "ctc.int8"],
    ["int4 and floats", "encoder.int4", "ctc.fp16"],
    ["fp16, and integers before DequantizeLinear", "encoder.fp16", "ctc.qdq"],
  ])("%s: the recognition is that of the converted file", async (_, encoder, ctc) => {
    const whole = join(folder, `${encoder}.gguf`);
    await convert([onnx(encoder), onnx(ctc), files.llm, files.tokens], whole, { type: "F32" });
    const asked = ["-f", fixture("audio/tiny.wav"), "-n", "3", "--json-lines"];
    const named = [
      "--audio",
      onnx(encoder),
      "--ctc",
      onnx(ctc),
      "--llm",
      files.llm,
      "--tokens",
      files.tokens,
    ];
    const [parts, one] = [await cli(...named, ...asked), await cli("-m", whole, ...asked)];
    expect([parts.exitCode, one.exitCode]).toEqual([0, 0]);
    const recognized = (line: string | undefined) => {
      const { tokens: ids, text, ctcText } = JSON.parse(line!) as Record<string, unknown>;
      return { ids, text, ctcText };
    };
    expect(recognized(parts.results[0])).toEqual(recognized(one.results[0]));
  });

  test("a file without the part that is asked for", async () => {
    await expect(openFiles([{ path: audioGguf(), take: "ctc" }])).rejects.toMatchObject({
      code: "bad_option",
      message: expect.stringContaining("no CTC branch") as unknown,
    });
  });
});
