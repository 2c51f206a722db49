/**
 * The published files, byte by byte: models of the real shapes, laid out as each project's converter does, have exactly the
 * published sizes. Where a vocabulary is inside, what remains for it is the same in every file that has it, and it is what
 * the vocabulary's own file takes: a string of GGUF has a length of 8 bytes, and one of tokens.json 8 bytes of indentation,
 * quotes, comma and line break.
 */
import { describe, expect, test } from "vitest";
import {
  crispAsrNano,
  crispAsrParaformer,
  crispAsrSenseVoice,
} from "../../../../converters/writers/layouts/crispasr.ts";
import type { Layout } from "../../../../converters/writers/layouts/layout.ts";
import { officialNano } from "../../../../converters/writers/layouts/official-nano.ts";
import { officialParaformer } from "../../../../converters/writers/layouts/official-paraformer.ts";
import { officialSenseVoice } from "../../../../converters/writers/layouts/official-sensevoice.ts";
import { byteLength } from "../../../../kernels/formats/table.ts";
import type { Format } from "../../../../kernels/formats/table.ts";
import { writeKeys } from "../../../../src/checkpoints/gguf/namings/keys.ts";
import { officialFsmnVad } from "../../../../src/checkpoints/gguf/namings/fsmn-vad.ts";
import { transcribeCppNano } from "../../../../src/checkpoints/gguf/namings/nano-transcribe-cpp.ts";
import { qwen3Names } from "../../../../src/checkpoints/gguf/namings/qwen3.ts";
import { typed } from "../../../../converters/writers/metadata.ts";
import { encodeHead } from "../../../../src/checkpoints/gguf/write.ts";
import { registry } from "../../../../src/registry/index.ts";
import {
  realFsmnVad,
  realNano,
  realParaformer,
  realSenseVoice,
} from "../../../helpers/builders/real-size.ts";
import type { OpenModel } from "../../../../converters/readers/open-model.ts";

interface Stored {
  readonly shape: readonly number[];
  readonly format: Format;
}

const countOf = (shape: readonly number[]): number => shape.reduce((product, length) => product * length, 1);
const padded = (bytes: number): number => Math.ceil(bytes / 32) * 32;
const dataOf = (tensors: readonly Stored[]): number =>
  tensors.reduce((sum, { format, shape }) => sum + padded(byteLength(format, countOf(shape))), 0);

/** Bytes of tensors and of the header for each file of a layout; the vocabulary has at most one token. */
async function planned(
  layout: Layout,
  model: OpenModel,
  type: Format,
): Promise<{ data: number; head: number }[]> {
  const files = await layout.files(model, "model.gguf", { type });
  const sizes = files.map(async ({ metadata, tensors }) => {
    const list = tensors.map(({ entry: { name, shape }, format }) => ({ name, shape, format }));
    return { data: dataOf(list), head: (await encodeHead({ metadata, tensors: list })).length };
  });
  return Promise.all(sizes);
}

/** What the registry says of a published file. */
function published(name: string): number {
  const files = registry.flatMap(({ variants }) => variants.flatMap((variant) => variant.files));
  const size = files.find((file) => file.name === name)?.size;
  if (size === undefined) throw new Error(`no size of ${name} is known`);
  return size;
}

const mega = (bytes: number): number => Math.round(bytes / 1e6);
const mebi = (bytes: number): number => Math.round(bytes / 2 ** 20);
const qwenShare = 5_951_360 - 19_136;

describe("official", () => {
  test("encoder of Nano, to the byte", async () => {
    const [encoder] = await planned(officialNano, realNano(), "F16");
    expect(encoder!.data + encoder!.head).toBe(published("funasr-encoder-f16.gguf"));
    const [float] = await planned(officialNano, realNano(), "F32");
    expect(mega(float!.data + float!.head)).toBe(935);
  });

  test("language model: with Qwen's vocabulary, in Q8_0 and in F32", async () => {
    const [, quantized] = await planned(officialNano, realNano(), "Q8_0");
    expect(published("qwen3-0.6b-q8_0.gguf") - quantized!.data - quantized!.head).toBe(qwenShare);
    const [, float] = await planned(officialNano, realNano(), "F32");
    expect(Math.round((float!.data + float!.head + qwenShare) / 1e8)).toBe(30); // "3.0 GB"
  });

  test("Paraformer: tensors, and its 8,404 tokens", async () => {
    const [file] = await planned(officialParaformer, realParaformer(), "Q8_0");
    const oneToken = 8 + "<blank>".length;
    const share = published("paraformer-q8.gguf") - file!.data - file!.head + oneToken;
    expect(Math.abs(share - 93_676)).toBeLessThan(32); // of the published tokens.json
    const sizes = await Promise.all(
      (["F16", "F32"] as const).map((type) => planned(officialParaformer, realParaformer(), type)),
    );
    expect(sizes.map(([one]) => mega(one!.data + one!.head + share))).toEqual([435, 863]);
  });

  test("SenseVoice: tensors, and its 25,055 pieces", async () => {
    const [file] = await planned(officialSenseVoice, realSenseVoice(), "Q8_0");
    const oneToken = 8 + "<unk>".length;
    const share = published("sensevoice-small-q8.gguf") - file!.data - file!.head + oneToken;
    expect(Math.abs(share - 352_064)).toBeLessThan(32); // of the published tokens.json
    const [half] = await planned(officialSenseVoice, realSenseVoice(), "F16");
    expect(mega(half!.data + half!.head + share)).toBe(470);
  });

  test("FSMN-VAD, to the byte", async () => {
    const model = realFsmnVad();
    const tensors = [...model.tensors.values()].map(({ name, shape }) => ({
      name,
      shape: name.endsWith("conv_left.weight") ? shape.toReversed() : shape,
      format: "F32" as const,
    }));
    const metadata = typed(
      new Map([["general.architecture", "fsmn-vad"], ...writeKeys(model, officialFsmnVad.keys)]),
    );
    const head = await encodeHead({ metadata, tensors });
    expect(dataOf(tensors) + head.length).toBe(published("fsmn-vad.gguf"));
  });
});

/** llama.cpp's mixes: the head, and values and down-projections of the outer and every third block, in Q6_K. */
test.each<[string, Format]>([
  ["qwen3-0.6b-q8_0.gguf", "Q8_0"],
  ["qwen3-0.6b-q5km.gguf", "Q5_K"],
  ["qwen3-0.6b-q4km.gguf", "Q4_K"],
])("llama.cpp's %s: the same header in all", (name, base) => {
  const blocks = 28;
  const isFiner = (foreign: string): boolean => {
    const i = Number(/^blk\.(\d+)\.(?:attn_v|ffn_down)/u.exec(foreign)?.[1]);
    const from = Math.floor(blocks / 8);
    return (
      foreign === "output.weight" || i < from || i >= Math.floor((7 * blocks) / 8) || (i - from) % 3 === 2
    );
  };
  const { tensors } = realNano();
  const stored = qwen3Names(blocks).map(([foreign, canonical]): Stored => {
    const { shape } = tensors.get(canonical) ?? tensors.get("llm.model.embed_tokens.weight")!;
    const format = base !== "Q8_0" && isFiner(foreign) ? "Q6_K" : base;
    return { shape, format: shape.length < 2 ? "F32" : format };
  });
  expect(published(name) - dataOf(stored)).toBe(5_951_360);
});

describe("CrispASR, in the units of its cards", () => {
  const vocabularies = { nano: qwenShare - 151_936 * 4, paraformer: 93_676, senseVoice: 352_064 };

  test.each<[Format, number]>([
    ["F16", 1.98],
    ["Q8_0", 1.06],
  ])("Nano in %s: %f GB", async (type, gigabytes) => {
    const [file] = await planned(crispAsrNano, realNano(), type);
    expect(((file!.data + file!.head + vocabularies.nano) / 1e9).toFixed(2)).toBe(String(gigabytes));
  });

  test.each<[Format, number, number]>([
    ["F16", 441_236_096, 421],
    ["Q8_0", 237_297_536, 226],
    ["Q4_K", 128_530_304, 123],
  ])("Paraformer in %s: %i bytes of tensors, %i MiB in all", async (type, data, mebibytes) => {
    const [file] = await planned(crispAsrParaformer, realParaformer(), type);
    expect(file!.data).toBe(data);
    expect(mebi(data + file!.head + vocabularies.paraformer)).toBe(mebibytes);
  });

  test.each<[Format, number]>([
    ["F16", 448],
    ["Q8_0", 240],
    ["Q4_K", 129],
  ])("SenseVoice in %s: %i MiB", async (type, mebibytes) => {
    const [file] = await planned(crispAsrSenseVoice, realSenseVoice(), type);
    expect(mebi(file!.data + file!.head + vocabularies.senseVoice)).toBe(mebibytes);
  });
});

describe("transcribe.cpp's Nano: 1,260 tensors and the same header in every preset", () => {
  const names = transcribeCppNano.names({
    source: "the naming",
    metadata: new Map([
      ["stt.funasr_nano.encoder.n_blocks", 50],
      ["stt.funasr_nano.encoder.tp_blocks", 20],
      ["stt.funasr_nano.adaptor.n_blocks", 2],
      ["stt.funasr_nano.decoder.n_layers", 28],
    ]),
  });

  test.each<[string, Format, Format, Format, number, number]>([
    ["F16", "F16", "F16", "F16", 1_667_503_872, 1_667_504_192],
    ["Q8_0", "Q8_0", "Q8_0", "Q8_0", 891_270_912, published("Fun-ASR-MLT-Nano-2512-Q8_0.gguf")],
    ["Q6_K", "Q6_K", "Q6_K", "Q6_K", 690_744_064, 690_744_384],
    ["Q5_K_M", "Q5_K", "Q6_K", "Q8_0", 631_128_832, 631_129_152],
    ["Q4_K_M", "Q4_K", "Q6_K", "Q8_0", 556_974_848, 556_975_168],
  ])("%s", (_, matrices, embedding, outputs, nano, mlt) => {
    const { tensors } = realNano();
    const stored = names.map(([foreign, canonical]): Stored => {
      const { shape } = tensors.get(canonical)!;
      if (shape.length < 2 || foreign.includes("fsmn")) return { shape, format: "F32" };
      if (shape.at(-1) === 560) return { shape, format: "F16" };
      if (foreign === "dec.token_embd.weight") return { shape, format: embedding };
      return { shape, format: /attn\.(?:out|o)\.weight$/u.test(foreign) ? outputs : matrices };
    });
    expect(stored).toHaveLength(1260);
    expect(nano - dataOf(stored)).toBe(6_020_480);
    expect(mlt - dataOf(stored)).toBe(6_020_480 + 320);
  });
});

/** Hugging Face's names have a tensor for each of q, k and v. */
const split = ([name, { shape }]: readonly [string, { readonly shape: readonly number[] }]) =>
  name.includes("linear_q_k_v")
    ? ["q", "k", "v"].map((part) => ({
        name: name.replace("q_k_v", part),
        shape: [shape[0]! / 3, ...shape.slice(1)],
      }))
    : [{ name, shape }];

test("audio.cpp's Nano: 1,540 tensors and the same header in both types", () => {
  const tensors = [...realNano().tensors].flatMap(split);
  expect(tensors).toHaveLength(1540);
  const formatIn = (quantized: boolean, { name, shape }: (typeof tensors)[number]): Format => {
    if (!quantized) return "F16";
    if (name.includes("embed")) return "F16";
    const isMatrix = name.endsWith(".weight") && shape.length === 2 && !name.includes("fsmn");
    return isMatrix && shape.at(-1)! % 32 === 0 ? "Q8_0" : "BF16";
  };
  const data = [false, true].map((quantized) =>
    dataOf(tensors.map((tensor) => ({ shape: tensor.shape, format: formatIn(quantized, tensor) }))),
  );
  expect([1_675_708_832, 1_045_334_432].map((bytes, i) => bytes - data[i]!)).toEqual([
    16_125_152, 16_125_152,
  ]);
});

test("vLLM's safetensors: every value of the model in two bytes, the head too", () => {
  const { tensors } = realNano();
  const values = [...tensors.values()].reduce((sum, { shape }) => sum + countOf(shape), 0);
  const head = countOf(tensors.get("llm.model.embed_tokens.weight")!.shape);
  expect(tensors.size + 1).toBe(1261);
  expect(1_970_899_072 - (values + head) * 2).toBe(150_464);
});

test("the originals: every value, and about 320 bytes of a zip archive for each tensor", () => {
  const { tensors } = realNano();
  const values = [...tensors.values()].reduce((sum, { shape }) => sum + countOf(shape), 0);
  const head = countOf(tensors.get("llm.model.embed_tokens.weight")!.shape);
  const mlt = 1_971_162_898 - (values + head) * 2;
  expect(mlt / 1261).toBeGreaterThan(280);
  expect(mlt / 1261).toBeLessThan(360);
});
