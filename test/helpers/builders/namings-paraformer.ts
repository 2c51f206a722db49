/** Paraformer and SenseVoice as other converters would have written them (see namings.ts). */
import type { Format } from "../../../kernels/formats/table.ts";
import { float32, string, strings, uint32 } from "../../../src/checkpoints/gguf/index.ts";
import type { GgufContent, TensorSource, TypedValue } from "../../../src/checkpoints/gguf/index.ts";
import { encode, shortened, transposed } from "./namings.ts";
import type { Model, Values } from "./namings.ts";

const isMatrix = (name: string, { shape }: Values): boolean =>
  shape.length === 2 && !name.includes("norm") && !name.includes("cif_output");

/** FunAudioLLM's files keep the state dict's names and store FSMN kernels tap by tap. */
function verbatim(tensors: Model["tensors"]): TensorSource[] {
  return [...tensors].map(([name, value]) =>
    name.endsWith("fsmn_block.weight")
      ? encode(name, transposed(value), "F32")
      : encode(name, value, isMatrix(name, value) ? "F16" : "F32"),
  );
}

export function officialParaformer({ metadata, tensors }: Model): GgufContent {
  const own = (key: string): number => metadata.get(`paraformer.${key}`) as number;
  const keys = new Map<string, TypedValue>([
    ["general.architecture", string("paraformer")],
    ["pf.enc.output_size", uint32(own("encoder.output_size"))],
    ["pf.enc.attention_heads", uint32(own("encoder.attention_heads"))],
    ["pf.enc.num_blocks", uint32(own("encoder.num_blocks"))],
    ["pf.enc.kernel_size", uint32(own("encoder.kernel_size"))],
    ["pf.dec.num_blocks", uint32(own("decoder.num_blocks"))],
    ["pf.dec.att_layer_num", uint32(own("decoder.att_layer_num"))],
    ["pf.dec.decoders3", uint32(1)],
    ["pf.dec.attention_heads", uint32(own("decoder.attention_heads"))],
    ["pf.dec.kernel_size", uint32(own("decoder.kernel_size"))],
    ["pf.vocab_size", uint32(own("vocab_size"))],
    ["pf.predictor.tail_threshold", float32(0.45)],
    ["pf.predictor.threshold", float32(1)],
    ["pf.vocab", strings(metadata.get("tokenizer.ggml.tokens") as string[])],
  ]);
  return { metadata: keys, tensors: verbatim(tensors) };
}

/** `quantized`: as CrispASR's quantizer leaves it, which drops the alpha head's dimension of 1. */
export function crispAsrParaformer({ metadata, tensors }: Model, { quantized = false } = {}): GgufContent {
  const own = (key: string): number => metadata.get(`paraformer.${key}`) as number;
  const keys = new Map<string, TypedValue>([
    ["general.architecture", string("paraformer")],
    ["general.name", string("Paraformer-zh")],
    ...frontend("paraformer", metadata),
    ["paraformer.d_model", uint32(own("encoder.output_size"))],
    ["paraformer.n_heads", uint32(own("encoder.attention_heads"))],
    ["paraformer.ffn_dim", uint32(own("encoder.linear_units"))],
    ["paraformer.n_enc_blocks0", uint32(1)],
    ["paraformer.n_enc_blocks", uint32(own("encoder.num_blocks") - 1)],
    ["paraformer.sanm_kernel", uint32(own("encoder.kernel_size"))],
    ["paraformer.n_dec_blocks", uint32(own("decoder.num_blocks"))],
    ["paraformer.dec_ffn_dim", uint32(own("decoder.linear_units"))],
    ["paraformer.cif_conv_kernel", uint32(3)],
    ["paraformer.vocab_size", uint32(own("vocab_size"))],
    ["tokenizer.tokens", strings(metadata.get("tokenizer.ggml.tokens") as string[])],
  ]);
  const size = own("encoder.output_size");
  const unused: Values = {
    shape: [own("vocab_size"), size],
    values: new Float32Array(own("vocab_size") * size),
  };
  const written = [...tensors, ["decoder.embed.0.weight", unused] as const].map(([name, value]) => {
    const short = name
      .replace("cmvn.", "paraformer.cmvn_")
      .replace("encoder.encoders0.0.", "paraformer.enc0.blk.0.")
      .replace(/^encoder\.encoders\./, "paraformer.enc.blk.")
      .replace(/^encoder\./, "paraformer.enc.")
      .replace("predictor.cif_conv1d", "paraformer.cif.conv")
      .replace("predictor.cif_output", "paraformer.cif.out")
      .replace("decoder.decoders3.0.", "paraformer.dec.post.")
      .replace(/^decoder\.decoders\.(\d+)\.self_attn\.fsmn_block/, "paraformer.dec.blk.$1.fsmn")
      .replace(/^decoder\.decoders\./, "paraformer.dec.blk.")
      .replace("decoder.output_layer", "paraformer.dec.output")
      .replace("decoder.embed.0", "paraformer.dec.embed")
      .replace(/^decoder\./, "paraformer.dec.")
      .replace("src_attn.linear_k_v", "cross.kv")
      .replace("src_attn.linear_", "cross.")
      .replace("feed_forward.norm", "ffn.norm");
    const format: Format = value.shape.length > 1 ? "F16" : "F32";
    if (quantized && name === "predictor.cif_output.weight") {
      return encode(shortened(short), { ...value, shape: value.shape.slice(1) }, format);
    }
    return encode(shortened(short), value, format);
  });
  return { metadata: keys, tensors: written };
}

/** With the CMVN tensors as that converter gets them wrong. */
export function officialSenseVoice({ metadata, tensors }: Model): GgufContent {
  const own = (key: string): number => metadata.get(`sensevoice.${key}`) as number;
  const keys = new Map<string, TypedValue>([
    ["general.architecture", string("sensevoice-small")],
    ["sv.input_size", uint32(own("encoder.input_size"))],
    ["sv.output_size", uint32(own("encoder.output_size"))],
    ["sv.attention_heads", uint32(own("encoder.attention_heads"))],
    ["sv.num_blocks", uint32(own("encoder.num_blocks"))],
    ["sv.tp_blocks", uint32(own("encoder.tp_blocks"))],
    ["sv.kernel_size", uint32(own("encoder.kernel_size"))],
    ["sv.vocab_size", uint32(own("vocab_size"))],
    ["sv.blank_id", uint32(own("ctc.blank_id"))],
    ["sv.query_tokens", { type: "int32", array: true, value: [0, 1, 2, 14] }],
    ["sv.vocab", strings(metadata.get("tokenizer.ggml.tokens") as string[])],
  ]);
  const damaged = new Map(tensors)
    .set("cmvn.shift", { shape: [1], values: new Float32Array(1) })
    .set("cmvn.scale", tensors.get("cmvn.shift")!);
  return { metadata: keys, tensors: verbatim(damaged) };
}

/** `constants`: with the normalizing constants, as its converter writes them since 0.8.45. */
export function crispAsrSenseVoice({ metadata, tensors }: Model, { constants = false } = {}): GgufContent {
  const own = (key: string): number => metadata.get(`sensevoice.${key}`) as number;
  const keys = new Map<string, TypedValue>([
    ["general.architecture", string("sensevoice")],
    ["general.name", string("SenseVoiceSmall")],
    ...frontend("sensevoice", metadata),
    ["sensevoice.d_model", uint32(own("encoder.output_size"))],
    ["sensevoice.n_heads", uint32(own("encoder.attention_heads"))],
    ["sensevoice.ffn_dim", uint32(own("encoder.linear_units"))],
    ["sensevoice.n_blocks_base", uint32(own("encoder.num_blocks"))],
    ["sensevoice.n_blocks_tp", uint32(own("encoder.tp_blocks"))],
    ["sensevoice.sanm_kernel", uint32(own("encoder.kernel_size"))],
    ["sensevoice.vocab_size", uint32(own("vocab_size"))],
    ["sensevoice.blank_id", uint32(own("ctc.blank_id"))],
    ["tokenizer.ggml.model", string("sentencepiece")],
    ["tokenizer.ggml.tokens", strings(metadata.get("tokenizer.ggml.tokens") as string[])],
  ]);
  const base = own("encoder.num_blocks");
  const written = [...tensors]
    .filter(([name]) => constants || !name.startsWith("cmvn."))
    .map(([name, value]) => {
      const short = name
        .replace("encoder.encoders0.0.", "sensevoice.enc.blk.0.")
        .replace(/^encoder\.encoders\.(\d+)/, (_, i) => `sensevoice.enc.blk.${Number(i) + 1}`)
        .replace(/^encoder\.tp_encoders\.(\d+)/, (_, i) => `sensevoice.enc.blk.${Number(i) + base}`)
        .replace(/^encoder\./, "sensevoice.enc.")
        .replace("embed.weight", "sensevoice.query_embed.weight")
        .replace("ctc.ctc_lo", "sensevoice.ctc")
        .replace(/^cmvn\./, "sensevoice.cmvn_");
      return encode(shortened(short), value, value.shape.length > 1 ? "F16" : "F32");
    });
  return { metadata: keys, tensors: written };
}

function frontend(architecture: string, metadata: Model["metadata"]): [string, TypedValue][] {
  return ["n_mels", "lfr_m", "lfr_n", "sample_rate", "frame_length_ms", "frame_shift_ms"].map((key) => [
    `${architecture}.${key}`,
    uint32(metadata.get(`${architecture}.frontend.${key}`) as number),
  ]);
}
