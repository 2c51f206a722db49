/**
 * The layouts of others: names, shapes, formats and keys as their converters write them, at the real size by count and
 * at tiny size by reading back what was written. The tables are in the specification of the namings.
 */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { compareModels } from "../../../../converters/compare.ts";
import { convert } from "../../../../converters/writers/convert.ts";
import { crispAsrNano } from "../../../../converters/writers/layouts/crispasr.ts";
import type { Layout } from "../../../../converters/writers/layouts/layout.ts";
import { officialNano } from "../../../../converters/writers/layouts/official-nano.ts";
import type { Format } from "../../../../kernels/formats/table.ts";
import { openCheckpoint } from "../../../../src/architectures/open.ts";
import { openGguf } from "../../../../src/checkpoints/gguf/index.ts";
import { realNano } from "../../../helpers/builders/real-size.ts";

const tiny = new URL("../../../../fixtures/tiny/fun-asr-nano/fun-asr-nano-bf16.gguf", import.meta.url)
  .pathname;

let folder: string;
let crisp: string;
let audio: string;
let llm: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "layouts-"));
  [crisp, audio, llm] = ["crisp.gguf", "nano.gguf", "nano-qwen3.gguf"].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  await convert(tiny, crisp, { layout: "crispasr", type: "F16" });
  await convert(tiny, audio, { layout: "official", type: "F16" });
});
afterAll(() => rm(folder, { recursive: true }));

async function layOut(layout: Layout, type?: Format) {
  const files = await layout.files(realNano(), "nano.gguf", { type });
  return files.map(
    ({ tensors }) =>
      new Map(tensors.map(({ entry, format }) => [entry.name, { shape: entry.shape, format }])),
  );
}

const count = (tensors: ReadonlyMap<string, { format: Format }> | undefined, format: Format): number =>
  [...(tensors?.values() ?? [])].filter((tensor) => tensor.format === format).length;

describe("CrispASR, at the real size", () => {
  test("1,261 tensors, layer by layer, norms first", async () => {
    const [tensors] = await layOut(crispAsrNano, "F16");
    const names = [...(tensors?.keys() ?? [])];
    expect(names).toHaveLength(1261);
    expect(names.slice(0, 13).map((name) => name.replace("funasr.enc.blk.0.", ""))).toEqual(
      "norm1.w norm1.b norm2.w norm2.b attn.qkv.w attn.qkv.b attn.out.w attn.out.b attn.fsmn.w ffn.l1.w ffn.l1.b ffn.l2.w ffn.l2.b".split(
        " ",
      ),
    );
    expect(names.filter((name) => name.startsWith("funasr.enc.blk."))).toHaveLength(70 * 13);
    expect(names.slice(910, 914)).toEqual(
      ["after_norm.w", "after_norm.b", "tp_norm.w", "tp_norm.b"].map((name) => `funasr.enc.${name}`),
    );
    expect(names.slice(950, 953)).toEqual(["token_embd.weight", "output_norm.weight", "output.weight"]);
    expect(names.at(-1)).toBe("blk.27.ffn_down.weight");
  });

  test("F16 from two dimensions on; kernels of the memory too, channel by channel", async () => {
    const [tensors] = await layOut(crispAsrNano, "F16");
    expect(tensors?.get("funasr.enc.blk.69.attn.fsmn.w")).toEqual({ shape: [512, 11], format: "F16" });
    expect(tensors?.get("funasr.enc.blk.0.attn.qkv.w")).toEqual({ shape: [1536, 560], format: "F16" });
    expect(tensors?.get("funasr.enc.blk.0.norm1.w")).toEqual({ shape: [560], format: "F32" });
  });

  test("a quantized file leaves rows of 560 and 11 in F16, and takes Q4_0 where 256 does not divide", async () => {
    const [tensors] = await layOut(crispAsrNano, "Q4_K");
    expect(count(tensors, "F16")).toBe(71);
    expect(tensors?.get("funasr.enc.blk.0.attn.qkv.w")?.format).toBe("F16");
    expect(tensors?.get("funasr.adaptor.blk.0.ffn.l2.w")).toEqual({ shape: [1024, 256], format: "Q4_K" });
    expect(tensors?.get("output.weight")?.format).toBe("Q4_K");
  });
});

describe("official, at the real size", () => {
  test("950 tensors under the checkpoint's names, and the 311 of a stock Qwen3", async () => {
    const [encoder, decoder] = await layOut(officialNano, "F16");
    expect([encoder?.size, decoder?.size]).toEqual([950, 311]);
    const name = "audio_encoder.encoders0.0.self_attn.fsmn_block.weight";
    expect(encoder?.get(name)).toEqual({ shape: [11, 512], format: "F32" });
    expect(decoder?.get("output.weight")).toEqual({ shape: [151_936, 1024], format: "F16" });
  });

  test("a Q8_0 file leaves what it does not quantize in F32", async () => {
    const [encoder] = await layOut(officialNano, "Q8_0");
    const name = "audio_encoder.encoders0.0.self_attn.linear_q_k_v.weight";
    expect(encoder?.get(name)?.format).toBe("F32");
    expect(encoder?.get("audio_adaptor.linear1.weight")?.format).toBe("Q8_0");
    expect(count(encoder, "F16")).toBe(0);
  });
});

describe("read back", () => {
  /** The tiny model without its CTC branch, whose weights F16 holds exactly. */
  async function expectSameWeights(files: string | string[]): Promise<void> {
    await using written = await openCheckpoint(files);
    await using source = await openCheckpoint(tiny);
    const { tensors } = await compareModels(written, source);
    const apart = tensors.filter(({ relativeL2 }) => relativeL2 !== 0).map(({ name }) => name);
    expect(apart).toEqual([...source.tensors.keys()].filter((name) => name.startsWith("ctc")));
  }

  test("CrispASR's file", () => expectSameWeights(crisp));

  test("the official pair", () => expectSameWeights([audio, llm]));

  test("the official language model's header: llama.cpp's architecture, and its version of quantized blocks", async () => {
    await using file = await openGguf(llm);
    expect(file.metadata.get("general.architecture")).toBe("qwen3");
    expect(file.metadata.get("general.quantization_version")).toBe(2); // GGML_QNT_VERSION
  });

  test("keys keep their types and values", async () => {
    await using file = await openGguf(crisp);
    expect(file.metadata.get("general.architecture")).toBe("funasr");
    expect(file.typedMetadata.get("funasr.llm.rope_theta")).toEqual({
      type: "float32",
      array: false,
      value: 1e6,
    });
    expect(file.typedMetadata.get("funasr.use_low_frame_rate")).toEqual({
      type: "bool",
      array: false,
      value: true,
    });
    expect(file.typedMetadata.get("funasr.n_blocks_base")).toEqual({
      type: "uint32",
      array: false,
      value: 3,
    });
    await using stock = await openGguf(llm);
    expect(stock.typedMetadata.get("qwen3.rope.freq_base")).toEqual({
      type: "float32",
      array: false,
      value: 1e6,
    });
    expect(stock.metadata.get("qwen3.attention.value_length")).toBe(16);
  });

  test("ours to CrispASR's and back is ours, byte for byte", async () => {
    const [first, there, back] = ["ours.gguf", "there.gguf", "back.gguf"].map((name) =>
      join(folder, name),
    ) as [string, string, string];
    await convert(crisp, first);
    await convert(first, there, { layout: "crispasr", type: "F16" });
    await convert(there, back);
    const contents = async (path: string) => {
      await using file = await openGguf(path);
      return [...file.typedMetadata].filter(([key]) => !key.includes(".source."));
    };
    expect(await contents(back)).toEqual(await contents(first));
    const [a, b] = [await readFile(first), await readFile(back)];
    expect(b.subarray(-200_000).equals(a.subarray(-200_000))).toBe(true);
  });
});

test("a layout notes what it leaves out", async () => {
  const { notes, files } = await convert(tiny, join(folder, "again.gguf"), { layout: "official" });
  expect(notes).toEqual(["the CTC branch is left out: this layout has no place for it"]);
  expect(files).toEqual([join(folder, "again.gguf"), join(folder, "again-qwen3.gguf")]);
});
