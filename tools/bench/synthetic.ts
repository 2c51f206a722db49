/**
 * Full-size synthetic models: the real shapes with random weights, written as an ordinary GGUF file. Their text means
 * nothing, but they load, run, and need the time and the memory of the real ones.
 */
import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { byteLength, formats } from "../../kernels/formats/table.ts";
import type { Format } from "../../kernels/formats/table.ts";
import type { Metadata } from "../../src/checkpoints/checkpoint.ts";
import { writeGguf } from "../../converters/writers/node.ts";
import { bool, float32, int32s, string, strings, uint32 } from "../../src/checkpoints/gguf/index.ts";
import type { TypedValue } from "../../src/checkpoints/gguf/index.ts";
import { expectedTensors } from "../../src/architectures/build.ts";
import type { ExpectedTensor } from "../../src/architectures/build.ts";
import { normals } from "../../test/helpers/builders/random.ts";

/** Bytes that are generated at a time. */
const pieceBytes = 34 * 2 ** 17;

/** Format of the matrices; those whose rows are not whole blocks stay F32. */
export type StoredMatrices = "Q8_0" | "Q4_K" | "F32";

interface SyntheticModel {
  /** Base name of the file. */
  readonly name: string;
  readonly metadata: ReadonlyMap<string, TypedValue>;
  /** Optional tensors that the model is to have. */
  readonly has?: readonly string[];
  /** Tensors that are not the network's. */
  readonly extra?: readonly Omit<ExpectedTensor, "role">[];
}

/** Fun-ASR-Nano-2512: 70 encoder blocks, CTC branch, Qwen3-0.6B. */
export function syntheticNano(format: StoredMatrices = "Q8_0"): Promise<string> {
  return synthesise({ name: "nano", metadata: nanoMetadata(), has: ["ctc.ctc_lo.weight"] }, format);
}

/** Path of the model's file in the temporary folder, written unless it is there already. */
export async function synthesise(model: SyntheticModel, format: StoredMatrices): Promise<string> {
  const folder = join(tmpdir(), "fun-asr-bench");
  const path = join(folder, `${model.name}-${format.toLowerCase()}.gguf`);
  if (existsSync(path)) return path;
  await mkdir(folder, { recursive: true });

  const metadata: Metadata = new Map([...model.metadata].map(([key, { value }]) => [key, value]));
  const expected = expectedTensors({
    source: "synthetic",
    naming: "ours",
    metadata,
    tensors: new Map((model.has ?? []).map((name) => [name, undefined as never])),
    async [Symbol.asyncDispose]() {},
  });
  const { blockSize } = formats[format];
  const extra = (model.extra ?? []).map((tensor) => ({ ...tensor, role: "values" as const }));
  const tensors = [...extra, ...expected].map(({ path: name, shape, role }, i) => {
    const blocked = role === "matrix" && shape.slice(1).reduce((a, b) => a * b, 1) % blockSize === 0;
    const stored: Format = blocked && shape.length === 2 ? format : "F32";
    const bytes = byteLength(
      stored,
      shape.reduce((a, b) => a * b, 1),
    );
    const isGain = /norm.*\.weight$|scale$/.test(name);
    return {
      name,
      shape,
      format: stored,
      byteLength: bytes,
      chunks: () => randomBytes(stored, bytes, i, isGain),
    };
  });
  await writeGguf(path, { metadata: model.metadata, tensors });
  return path;
}

/** Encoded random values, chunk by chunk: gains near one, all others normally distributed and small. */
function* randomBytes(format: Format, total: number, seed: number, isGain: boolean): Generator<Uint8Array> {
  const { blockBytes } = formats[format];
  const size = Math.min(total, Math.floor(pieceBytes / blockBytes) * blockBytes);
  const piece = encode(format, size / blockBytes, seed, isGain);
  for (let done = 0; done < total; done += size) yield piece.subarray(0, Math.min(size, total - done));
}

function encode(format: Format, blocks: number, seed: number, isGain: boolean): Uint8Array {
  const { blockBytes } = formats[format];
  if (format === "F32") {
    const values = normals(seed, blocks, 0.02);
    if (isGain) for (let i = 0; i < blocks; i++) values[i] = values[i]! + 1;
    return new Uint8Array(values.buffer);
  }
  // Scales of about 0.0005 (the half 0x1010) in front of bytes of bell-shaped, or with nibbles of even, randomness.
  const scaleBytes = format === "Q8_0" ? 2 : 4;
  const bytes = new Uint8Array(blocks * blockBytes);
  const quants = normals(seed, 32 * 1024, 40).map((x) => Math.max(-127, Math.min(127, Math.round(x))));
  for (let block = 0; block < blocks; block++) {
    const start = block * blockBytes;
    bytes.fill(0x10, start, start + scaleBytes);
    for (let i = scaleBytes; i < blockBytes; i++) bytes[start + i] = quants[(start + i) % quants.length]!;
  }
  return bytes;
}

function nanoMetadata(): Map<string, TypedValue> {
  const entries: [string, TypedValue][] = [["general.architecture", string("fun-asr-nano")]];
  const numbers = (prefix: string, values: { [key: string]: number }): void => {
    for (const [key, value] of Object.entries(values))
      entries.push([`fun-asr-nano.${prefix}.${key}`, uint32(value)]);
  };
  numbers("frontend", {
    sample_rate: 16_000,
    n_mels: 80,
    frame_length_ms: 25,
    frame_shift_ms: 10,
    lfr_m: 7,
    lfr_n: 6,
  });
  numbers("encoder", {
    input_size: 560,
    output_size: 512,
    attention_heads: 4,
    linear_units: 2048,
    num_blocks: 50,
    tp_blocks: 20,
    kernel_size: 11,
  });
  numbers("adaptor", { encoder_dim: 512, ffn_dim: 2048, llm_dim: 1024, n_layer: 2, attention_heads: 8 });
  numbers("ctc_decoder", { encoder_dim: 512, ffn_dim: 2048, llm_dim: 512, n_layer: 5, attention_heads: 8 });
  numbers("ctc", { vocab_size: 60_515, blank_id: 60_514 });
  numbers("llm", {
    block_count: 28,
    embedding_length: 1024,
    feed_forward_length: 3072,
    head_count: 16,
    head_count_kv: 8,
    head_dim: 128,
    vocab_size: 151_936,
    context_length: 40_960,
  });
  entries.push(
    ["fun-asr-nano.frontend.window", string("hamming")],
    ["fun-asr-nano.adaptor.use_low_frame_rate", bool(true)],
    ["fun-asr-nano.llm.rope_freq_base", float32(1e6)],
    ["fun-asr-nano.llm.rms_norm_eps", float32(1e-6)],
    ["fun-asr-nano.llm.tie_word_embeddings", bool(true)],
    ["fun-asr-nano.ctc.tokens", strings(ctcTable(60_515 - 1679))],
    ...qwenVocabulary(),
  );
  return new Map(entries);
}

/** All bytes, then distinct pairs and triples of bytes. */
function ctcTable(count: number): string[] {
  return Array.from({ length: count }, (_, i) => {
    const bytes = i < 256 ? [i] : i < 256 + 65_536 ? [(i - 256) >> 8, (i - 256) & 255] : [];
    return Buffer.from(bytes).toString("base64");
  });
}

/** The byte alphabet, pairs of bytes as merges, Qwen's control tokens at their ids, and unused rows. */
function qwenVocabulary(): [string, TypedValue][] {
  const alphabet = byteAlphabet();
  const tokens = [...alphabet];
  const merges: string[] = [];
  for (let i = 0; tokens.length < 60_000; i++) {
    merges.push(`${alphabet[i >> 8]} ${alphabet[i & 255]}`);
    tokens.push(`${alphabet[i >> 8]}${alphabet[i & 255]}`);
  }
  const types: number[] = tokens.map(() => 1);
  while (tokens.length < 151_936) {
    const id = tokens.length;
    const control = { 151_643: "<|endoftext|>", 151_644: "<|im_start|>", 151_645: "<|im_end|>" }[id];
    tokens.push(control ?? `[PAD${id}]`);
    types.push(control === undefined ? 5 : 3);
  }
  return [
    ["tokenizer.ggml.model", string("gpt2")],
    ["tokenizer.ggml.pre", string("qwen2")],
    ["tokenizer.ggml.tokens", strings(tokens)],
    ["tokenizer.ggml.token_type", int32s(types)],
    ["tokenizer.ggml.merges", strings(merges)],
    ["tokenizer.ggml.eos_token_id", uint32(151_645)],
  ];
}

/** GPT-2's printable stand-ins for the 256 bytes. */
function byteAlphabet(): string[] {
  let next = 256;
  return Array.from({ length: 256 }, (_, byte) => {
    const printable = (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
    return String.fromCodePoint(printable ? byte : next++);
  });
}
