/**
 * Whole conversions of the tiny model folders, against files that gguf-py wrote from the same weights in Python: same
 * keys and types, same tensors, same bytes.
 */
import { createHash } from "node:crypto";
import { copyFile, cp, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { convert } from "../../../converters/writers/convert.ts";
import type { ConvertOptions } from "../../../converters/writers/convert.ts";
import { parseRule } from "../../../converters/writers/formats.ts";
import { openCheckpoint } from "../../../src/architectures/open.ts";
import { openGguf } from "../../../src/checkpoints/gguf/index.ts";
import type { GgufTensor } from "../../../src/checkpoints/gguf/index.ts";
import { version } from "../../../src/version.ts";

const tiny = new URL("../../../fixtures/tiny/", import.meta.url).pathname;
const nano = join(tiny, "fun-asr-nano");

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "convert-"));
});
afterAll(() => rm(folder, { recursive: true }));

async function bytesOf(tensor: GgufTensor): Promise<Buffer> {
  const bytes = Buffer.alloc(tensor.byteLength);
  await tensor.read(bytes);
  return bytes;
}

/** Everything in a file but where it came from. */
async function contentOf(path: string): Promise<unknown> {
  await using file = await openGguf(path);
  const tensors: unknown[] = [];
  for (const tensor of file.tensors.values()) {
    const { name, shape, format } = tensor;
    tensors.push({
      name,
      shape,
      format,
      sha256: createHash("sha256")
        .update(await bytesOf(tensor))
        .digest("hex"),
    });
  }
  return { keys: [...file.typedMetadata].filter(([key]) => !key.includes(".source.")), tensors };
}

/** Python keeps matrices whose rows are no whole blocks in BF16; what ours does is tested below. */
const asPython: ConvertOptions = {
  license: "MIT",
  rules: [parseRule(String.raw`ctc_decoder\..*w_2\.weight=bf16`)],
};

describe("Fun-ASR-Nano", () => {
  test("as Q8_0 equals the file from Python", async () => {
    const to = join(folder, "nano-q8_0.gguf");
    await convert(nano, to, { ...asPython, type: "Q8_0", name: "Fun-ASR-Nano tiny" });
    expect(await contentOf(to)).toEqual(await contentOf(join(nano, "fun-asr-nano-q8_0.gguf")));
  });

  test("names its source, and notes the CTC branch", async () => {
    const to = join(folder, "nano-as-is.gguf");
    const report = await convert(nano, to);
    await using file = await openGguf(to);
    const sha256 = createHash("sha256")
      .update(await readFile(join(nano, "model.pt")))
      .digest("hex");
    expect(file.metadata.get("fun-asr-nano.source.file")).toBe("model.pt");
    expect(file.metadata.get("fun-asr-nano.source.sha256")).toBe(sha256);
    expect(file.metadata.get("fun-asr-nano.source.tool")).toBe(`fun-asr ${version}`);
    expect(file.metadata.get("fun-asr-nano.source.formats")).toMatch(/^\d+ BF16, \d+ F32$/);
    expect(report).toMatchObject({ architecture: "fun-asr-nano", naming: "FunASR (model.pt)" });
    expect(report.notes).toEqual([expect.stringMatching(/^168 tensors, with the CTC branch/)]);
  });

  test("twice gives the same bytes, and a conversion of the result changes nothing", async () => {
    const [first, second, third] = ["a", "b", "c"].map((name) => join(folder, `${name}.gguf`)) as [
      string,
      string,
      string,
    ];
    await convert(nano, first, { type: "Q8_0" });
    await convert(nano, second, { type: "Q8_0" });
    await convert(first, third);
    expect((await readFile(second)).equals(await readFile(first))).toBe(true);
    expect((await readFile(third)).equals(await readFile(first))).toBe(true);
  });

  test("without a type every matrix keeps its format, and norms are F32", async () => {
    const to = join(folder, "from-bf16.gguf");
    const report = await convert(join(nano, "fun-asr-nano-bf16.gguf"), to);
    expect(report.tensors.every((tensor) => tensor.from === tensor.to)).toBe(true);
  });

  test("rows that are no whole blocks get 16 bits: the source's own, or F16", async () => {
    const { tensors } = await convert(nano, join(folder, "fallback.gguf"), { type: "Q8_0" });
    const stored = (entry: string) => tensors.find(({ name }) => name === entry);
    const narrow = stored("ctc_decoder.blocks.0.feed_forward.w_2.weight");
    const entry = stored("audio_encoder.encoders0.0.self_attn.linear_q_k_v.weight");
    expect(narrow).toMatchObject({ shape: [32, 8], from: "F32", to: "F16" });
    expect(entry).toMatchObject({ shape: [96, 560], from: "BF16", to: "BF16" });
  });

  test("measures its loss, and reports its progress", async () => {
    const seen: string[] = [];
    const { tensors } = await convert(nano, join(folder, "measured.gguf"), {
      type: "Q8_0",
      measure: true,
      onProgress: ({ tensor, done, total }) => seen.push(`${done}/${total} ${tensor}`),
    });
    expect(seen).toHaveLength(tensors.length);
    expect(seen.at(-1)).toBe(`${tensors.length}/${tensors.length} ${tensors.at(-1)?.name}`);
    const worst = Math.max(
      ...tensors.filter(({ to }) => to === "Q8_0").map(({ relativeL2 = NaN }) => relativeL2),
    );
    expect(worst).toBeGreaterThan(0.001);
    expect(worst).toBeLessThan(0.01);
    expect(
      tensors
        .filter(({ to }) => to === "F32")
        .every(({ relativeL2, maxAbs }) => relativeL2 === 0 && maxAbs === 0),
    ).toBe(true);
  });
});

describe.each([
  ["paraformer", "Paraformer tiny"],
  ["sensevoice", "SenseVoice tiny"],
])("%s", (architecture, name) => {
  test("as BF16 equals the file from Python", async () => {
    const from = join(tiny, architecture);
    const to = join(folder, `${architecture}.gguf`);
    const rules = [parseRule(String.raw`predictor\.cif_conv1d\.weight=f32`)]; // gguf-py's side keeps it whole
    await convert(from, to, { type: "BF16", name, license: "MIT", rules });
    expect(await contentOf(to)).toEqual(await contentOf(join(from, `${architecture}-bf16.gguf`)));
  });
});

describe("refused", () => {
  /** A copy of the tiny folder with one thing changed. */
  async function altered(name: string, change: (copy: string) => Promise<void>): Promise<string> {
    const copy = join(folder, name);
    await cp(nano, copy, { recursive: true });
    await change(copy);
    return copy;
  }
  const edit = (file: string, from: string | RegExp, to: string) => async (copy: string) => {
    const text = await readFile(join(copy, file), "utf8");
    expect(text).toMatch(from);
    await writeFile(join(copy, file), text.replace(from, to));
  };

  test.each<[what: string, code: string, change: (copy: string) => Promise<void>]>([
    ["no config.yaml", "file_not_found", (copy) => rm(join(copy, "config.yaml"))],
    ["no checkpoint", "file_not_found", (copy) => rm(join(copy, "model.pt"))],
    ["no CTC tokens", "bad_tokenizer", (copy) => rm(join(copy, "multilingual.tiktoken"))],
    ["no LLM folder", "file_not_found", (copy) => rm(join(copy, "Qwen3-tiny"), { recursive: true })],
    [
      "a model of another kind",
      "unknown_architecture",
      edit("config.yaml", "model: FunASRNano", "model: Whisper"),
    ],
    ["a config that is not YAML", "checkpoint_malformed", edit("config.yaml", "model:", "model: [")],
    [
      "the same key twice",
      "checkpoint_malformed",
      edit("config.yaml", "model:", "model: FunASRNano\nmodel:"),
    ],
    [
      "text where a number is due",
      "checkpoint_malformed",
      edit("config.yaml", "output_size: 32", "output_size: big"),
    ],
    [
      "a size that the next part does not have",
      "bad_metadata",
      edit("config.yaml", "output_size: 32", "output_size: 64"),
    ],
    ["more blocks than there are", "bad_tensors", edit("config.yaml", "tp_blocks: 2", "tp_blocks: 3")],
    ["fewer blocks than there are", "bad_tensors", edit("config.yaml", "tp_blocks: 2", "tp_blocks: 1")],
    [
      "a merge of three tokens",
      "bad_tokenizer",
      edit("Qwen3-tiny/tokenizer.json", /"merges":\s*\[/, '"merges":[["a", "b", "c"], '),
    ],
    [
      "a token beyond the embedding",
      "bad_tokenizer",
      edit("Qwen3-tiny/config.json", '"vocab_size": 384', '"vocab_size": 300'),
    ],
    ["an LLM of another kind", "checkpoint_malformed", edit("Qwen3-tiny/config.json", '"qwen3"', '"llama"')],
    [
      "a checkpoint that is something else",
      "checkpoint_malformed",
      (copy) => copyFile(join(nano, "config.yaml"), join(copy, "model.pt")),
    ],
  ])("%s", async (what, code, change) => {
    const copy = await altered(what.replaceAll(" ", "-"), change);
    const to = join(folder, "never.gguf");
    await expect(convert(copy, to)).rejects.toMatchObject({ code });
    expect(await readdir(folder)).not.toContain("never.gguf");
  });

  test.each(["x", "=q8_0", "(=q8_0", "a=q9"])("the rule %s", (text) => {
    expect(() => parseRule(text)).toThrow(expect.objectContaining({ code: "bad_option" }));
  });

  test("an abort, and nothing is left behind", async () => {
    const before = await readdir(folder);
    const signal = AbortSignal.abort();
    await expect(convert(nano, join(folder, "never.gguf"), { signal })).rejects.toMatchObject({
      name: "AbortError",
    });
    expect(await readdir(folder)).toEqual(before);
  });
});

test("the result opens as a checkpoint of our own", async () => {
  const to = join(folder, "opened.gguf");
  await convert(nano, to, { type: "F16" });
  await using checkpoint = await openCheckpoint(to);
  expect(checkpoint.naming).toBe("gguf (fun-asr)");
});
