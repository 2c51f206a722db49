/**
 * The official release of Fun-ASR-Nano in two files: encoder and adaptor under the checkpoint's names, and a stock
 * Qwen3 as llama.cpp has it.
 */
import { parse } from "node:path";
import type { MetadataValue, TensorEntry } from "../../../src/checkpoints/checkpoint.ts";
import { qwen3Names } from "../../../src/checkpoints/gguf/dialects/qwen3.ts";
import { fileType, typed } from "../metadata.ts";
import type { OpenModel } from "../../readers/open.ts";
import { ctcIsLost, formatOf, rename, valueOf } from "./layout.ts";
import type { KeyPair, LaidTensor, Layout, LayoutFile, LayoutWish } from "./layout.ts";
import { officialTensor } from "./official.ts";

const nano = "fun-asr-nano.";

const audioKeys: readonly KeyPair[] = [
  ["funasr.enc.input_size", `${nano}encoder.input_size`],
  ["funasr.enc.output_size", `${nano}encoder.output_size`],
  ["funasr.enc.attention_heads", `${nano}encoder.attention_heads`],
  ["funasr.enc.linear_units", `${nano}encoder.linear_units`],
  ["funasr.enc.num_blocks", `${nano}encoder.num_blocks`],
  ["funasr.enc.tp_blocks", `${nano}encoder.tp_blocks`],
  ["funasr.enc.kernel_size", `${nano}encoder.kernel_size`],
  ["funasr.enc.sanm_shfit", 0],
  ["funasr.adp.llm_dim", `${nano}adaptor.llm_dim`],
  ["funasr.adp.encoder_dim", `${nano}adaptor.encoder_dim`],
  ["funasr.adp.ffn_dim", `${nano}adaptor.ffn_dim`],
  ["funasr.adp.n_layer", `${nano}adaptor.n_layer`],
  ["funasr.adp.attention_heads", `${nano}adaptor.attention_heads`],
  ["funasr.adp.downsample_rate", 1],
  ["funasr.frontend.n_mels", `${nano}frontend.n_mels`],
  ["funasr.frontend.lfr_m", `${nano}frontend.lfr_m`],
  ["funasr.frontend.lfr_n", `${nano}frontend.lfr_n`],
];

const llmKeys: readonly KeyPair[] = [
  ["qwen3.block_count", `${nano}llm.block_count`],
  ["qwen3.context_length", `${nano}llm.context_length`],
  ["qwen3.embedding_length", `${nano}llm.embedding_length`],
  ["qwen3.feed_forward_length", `${nano}llm.feed_forward_length`],
  ["qwen3.attention.head_count", `${nano}llm.head_count`],
  ["qwen3.attention.head_count_kv", `${nano}llm.head_count_kv`],
  ["qwen3.rope.freq_base", `${nano}llm.rope_freq_base`],
  ["qwen3.attention.layer_norm_rms_epsilon", `${nano}llm.rms_norm_eps`],
  ["qwen3.attention.key_length", `${nano}llm.head_dim`],
  ["qwen3.attention.value_length", `${nano}llm.head_dim`],
];

export const officialNano: Layout = {
  async files(model, to, wish) {
    const { dir, name, ext } = parse(to);
    return [
      audioFile(model, to, wish),
      llmFile(model, `${dir === "" ? "" : `${dir}/`}${name}-qwen3${ext}`, wish),
    ];
  },
  notes: (model) => [
    ...ctcIsLost(model),
    ...(valueOf(model, `${nano}adaptor.use_low_frame_rate`) === true
      ? []
      : [
          "the language model sees all audio rows, which this layout cannot say: read it with --audio-rows all",
        ]),
  ],
};

function audioFile(model: OpenModel, path: string, wish: LayoutWish): LayoutFile {
  const metadata = new Map([
    ["general.architecture", "funasr-sensevoice-encoder"] as const,
    ...rename(model, audioKeys),
  ]);
  const tensors = [...model.tensors]
    .filter(([canonical]) => canonical.startsWith("audio_encoder.") || canonical.startsWith("audio_adaptor."))
    .map(([canonical, entry]) => officialTensor(canonical, entry, wish));
  return { path, metadata: typed(metadata), tensors };
}

function llmFile(model: OpenModel, path: string, { type = "F16", rules, name }: LayoutWish): LayoutFile {
  const blocks = Number(valueOf(model, `${nano}llm.block_count`));
  const tensors = qwen3Names(blocks).map(([foreign, canonical]): LaidTensor => {
    const embedding = model.tensors.get("llm.model.embed_tokens.weight");
    const entry = (model.tensors.get(canonical) ?? embedding) as TensorEntry;
    const usual = entry.shape.length < 2 ? "F32" : type;
    return {
      canonical,
      entry: { ...entry, name: foreign },
      format: formatOf(canonical, entry, usual, rules),
    };
  });
  const formats = new Map(tensors.map(({ canonical, format }) => [canonical, format]));
  const metadata = new Map<string, MetadataValue>([
    ["general.architecture", "qwen3"],
    ["general.name", name ?? "Qwen3"],
    ...rename(model, llmKeys),
    ["general.file_type", fileType(formats)],
    ["general.quantization_version", 2],
    ...[...model.metadata].filter(([key]) => key.startsWith("tokenizer.")),
  ]);
  return { path, metadata: typed(metadata), tensors };
}
