/**
 * Writes models of our layout as other converters would have: names, keys, formats and FSMN layouts of their published
 * files. Written from the grammar of the names, not from the tables under test.
 */
import { quantizeRow, unpackRow } from "../../../kernels/formats/index.ts";
import { byteLength } from "../../../kernels/formats/table.ts";
import type { Format } from "../../../kernels/formats/table.ts";
import type { MetadataValue, TensorEntry } from "../../../src/checkpoints/checkpoint.ts";
import { bool, bytesOf, float32, openGguf, string, uint32 } from "../../../src/checkpoints/gguf/index.ts";
import type { GgufContent, TensorSource, TypedValue } from "../../../src/checkpoints/gguf/index.ts";

export interface Values {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

export interface Model {
  readonly metadata: ReadonlyMap<string, MetadataValue>;
  readonly tensors: ReadonlyMap<string, Values>;
}

/** All values of a tensor. */
export async function valuesOf(entry: TensorEntry): Promise<Values> {
  const bytes = new Uint8Array(entry.byteLength);
  await entry.read(bytes);
  const values = new Float32Array(entry.shape.reduce((a, b) => a * b, 1));
  unpackRow(entry.format, bytes, 0, values, values.length);
  return { shape: entry.shape, values };
}

export async function readModel(path: string): Promise<Model> {
  await using file = await openGguf(path);
  const tensors = new Map<string, Values>();
  for (const [name, entry] of file.tensors) tensors.set(name, await valuesOf(entry));
  return { metadata: file.metadata, tensors };
}

/** FunAudioLLM's encoder file. */
export function officialEncoder({ metadata, tensors }: Model): GgufContent {
  const enc = "fun-asr-nano.encoder";
  const keys = new Map<string, TypedValue>([["general.architecture", string("funasr-sensevoice-encoder")]]);
  for (const [key, value] of metadata) {
    const [, group, name] = /^fun-asr-nano\.(encoder|adaptor|frontend)\.(.*)$/.exec(key) ?? [];
    if (group === "encoder") keys.set(`funasr.enc.${name}`, uint32(value as number));
    if (group === "adaptor" && typeof value === "number") keys.set(`funasr.adp.${name}`, uint32(value));
    if (group === "frontend" && /n_mels|lfr/.test(name!))
      keys.set(`funasr.frontend.${name}`, uint32(value as number));
  }
  keys.set("funasr.enc.sanm_shfit", uint32(0)).set("funasr.adp.downsample_rate", uint32(1));
  if (!metadata.has(`${enc}.num_blocks`)) throw new TypeError("this is no Fun-ASR-Nano");
  const written = [...tensors]
    .filter(([name]) => name.startsWith("audio_"))
    .map(([name, value]) =>
      name.endsWith("fsmn_block.weight")
        ? encode(name, transposed(value), "F32")
        : encode(name, value, value.shape.length === 2 && !name.includes("norm") ? "F16" : "F32"),
    );
  return { metadata: keys, tensors: written };
}

/** llama.cpp's conversion of Qwen3; the released files carry the tied head a second time. */
export function stockQwen3({ metadata, tensors }: Model, { copiedHead = true } = {}): GgufContent {
  const own = (key: string): number => metadata.get(`fun-asr-nano.llm.${key}`) as number;
  const keys = new Map<string, TypedValue>([
    ["general.architecture", string("qwen3")],
    ["general.name", string("Qwen3")],
    ["qwen3.block_count", uint32(own("block_count"))],
    ["qwen3.context_length", uint32(own("context_length"))],
    ["qwen3.embedding_length", uint32(own("embedding_length"))],
    ["qwen3.feed_forward_length", uint32(own("feed_forward_length"))],
    ["qwen3.attention.head_count", uint32(own("head_count"))],
    ["qwen3.attention.head_count_kv", uint32(own("head_count_kv"))],
    ["qwen3.attention.key_length", uint32(own("head_dim"))],
    ["qwen3.attention.value_length", uint32(own("head_dim"))],
    ["qwen3.rope.freq_base", float32(own("rope_freq_base"))],
    ["qwen3.attention.layer_norm_rms_epsilon", float32(own("rms_norm_eps"))],
    ...tokenizerKeys(metadata),
  ]);
  return { metadata: keys, tensors: llmTensors(tensors, copiedHead) };
}

/** CrispASR's single file. `old`: with the wrong number of heads and without the frame rate. */
export function crispAsrNano(
  { metadata, tensors }: Model,
  { old = false, copiedHead = true } = {},
): GgufContent {
  const own = (key: string): number => metadata.get(`fun-asr-nano.${key}`) as number;
  const keys = new Map<string, TypedValue>([["general.architecture", string("funasr")]]);
  const names = {
    n_mels: "frontend.n_mels",
    lfr_m: "frontend.lfr_m",
    lfr_n: "frontend.lfr_n",
    sample_rate: "frontend.sample_rate",
    frame_length_ms: "frontend.frame_length_ms",
    frame_shift_ms: "frontend.frame_shift_ms",
    d_model: "encoder.output_size",
    n_heads: "encoder.attention_heads",
    ffn_dim: "encoder.linear_units",
    n_blocks_base: "encoder.num_blocks",
    n_blocks_tp: "encoder.tp_blocks",
    sanm_kernel: "encoder.kernel_size",
    ada_d_in: "adaptor.encoder_dim",
    ada_ffn: "adaptor.ffn_dim",
    ada_d_out: "adaptor.llm_dim",
    ada_n_layers: "adaptor.n_layer",
    "llm.n_layers": "llm.block_count",
    "llm.d_model": "llm.embedding_length",
    "llm.n_heads": "llm.head_count",
    "llm.n_kv_heads": "llm.head_count_kv",
    "llm.head_dim": "llm.head_dim",
    "llm.ff_dim": "llm.feed_forward_length",
    "llm.vocab_size": "llm.vocab_size",
    "llm.max_pos": "llm.context_length",
  };
  for (const [theirs, ours] of Object.entries(names)) keys.set(`funasr.${theirs}`, uint32(own(ours)));
  keys.set("funasr.ada_n_heads", uint32(old ? 16 : own("adaptor.attention_heads")));
  keys.set("funasr.ada_ffn_inner", uint32(own("adaptor.llm_dim") / 4));
  if (!old)
    keys.set(
      "funasr.use_low_frame_rate",
      bool(metadata.get("fun-asr-nano.adaptor.use_low_frame_rate") as boolean),
    );
  keys.set("funasr.llm.rope_theta", float32(own("llm.rope_freq_base")));
  keys.set("funasr.llm.rms_norm_eps", float32(own("llm.rms_norm_eps")));
  for (const [key, value] of tokenizerKeys(metadata)) {
    if (/\.(model|tokens|merges)$/.test(key)) keys.set(key, value);
    if (key.endsWith("eos_token_id")) keys.set("funasr.eos_token_id", value);
    if (key.endsWith("padding_token_id")) keys.set("funasr.pad_token_id", value);
  }

  const base = own("encoder.num_blocks");
  const audio = [...tensors]
    .filter(([name]) => name.startsWith("audio_"))
    .map(([name, value]) => {
      const short = name
        .replace("audio_encoder.encoders0.0.", "funasr.enc.blk.0.")
        .replace(/audio_encoder\.encoders\.(\d+)/, (_, i) => `funasr.enc.blk.${Number(i) + 1}`)
        .replace(/audio_encoder\.tp_encoders\.(\d+)/, (_, i) => `funasr.enc.blk.${Number(i) + base}`)
        .replace("audio_encoder.", "funasr.enc.")
        .replace(/audio_adaptor\.blocks\.(\d+)/, "funasr.adaptor.blk.$1")
        .replace("audio_adaptor.", "funasr.adaptor.");
      return encode(shortened(short), value, value.shape.length === 2 ? "F16" : "F32");
    });
  return { metadata: keys, tensors: [...audio, ...llmTensors(tensors, copiedHead)] };
}

/** CrispASR's name for a module's path. */
export function shortened(name: string): string {
  return name
    .replace("self_attn.fsmn_block", "attn.fsmn")
    .replace("self_attn.linear_q_k_v", "attn.qkv")
    .replace("self_attn.linear_", "attn.")
    .replace("feed_forward.w_", "ffn.l")
    .replace(/weight$/, "w")
    .replace(/bias$/, "b");
}

function llmTensors(tensors: Model["tensors"], copiedHead: boolean): TensorSource[] {
  const modules: Readonly<Record<string, string>> = {
    input_layernorm: "attn_norm",
    post_attention_layernorm: "ffn_norm",
    "self_attn.q_norm": "attn_q_norm",
    "self_attn.k_norm": "attn_k_norm",
    "self_attn.o_proj": "attn_output",
  };
  const written: TensorSource[] = [];
  for (const [name, value] of tensors) {
    const [, block, module] = /^llm\.model\.layers\.(\d+)\.(.*)\.weight$/.exec(name) ?? [];
    const format = value.shape.length === 2 ? "F16" : "F32";
    if (module !== undefined) {
      const short =
        modules[module] ??
        module.replace(/self_attn\.(.)_proj/, "attn_$1").replace(/mlp\.(.*)_proj/, "ffn_$1");
      written.push(encode(`blk.${block}.${short}.weight`, value, format));
    }
    if (name === "llm.model.norm.weight") written.push(encode("output_norm.weight", value, "F32"));
    if (name === "llm.model.embed_tokens.weight") {
      written.push(encode("token_embd.weight", value, format));
      if (copiedHead) written.push(encode("output.weight", value, format));
    }
  }
  return written;
}

export function* tokenizerKeys(metadata: Model["metadata"]): Iterable<[string, TypedValue]> {
  for (const [key, value] of metadata) {
    if (!key.startsWith("tokenizer.ggml.")) continue;
    const type = { string: "string", number: "uint32", boolean: "bool" } as const;
    const [sample] = Array.isArray(value) ? (value as unknown[]) : [value];
    const of = key.endsWith("token_type") ? "int32" : type[typeof sample as keyof typeof type];
    yield [key, { type: of, array: Array.isArray(value), value }];
  }
}

export function encode(name: string, { shape, values }: Values, format: Format): TensorSource {
  const bytes = new Uint8Array(byteLength(format, values.length));
  quantizeRow(format, values, bytes, 0, values.length);
  return bytesOf(name, shape, format, bytes);
}

export function transposed({ shape: [rows = 0, columns = 0], values }: Values): Values {
  const turned = Float32Array.from(values, (_, i) => values[(i % rows) * columns + Math.floor(i / rows)]!);
  return { shape: [columns, rows], values: turned };
}
