/**
 * The official release of Fun-ASR-Nano in two files: encoder and adaptor under the checkpoint's names, and a stock
 * Qwen3 as llama.cpp has it.
 */
import type { MetadataValue, TensorEntry } from "../../../src/checkpoints/checkpoint.ts";
import { commonKeys, requiredValue, writeKeys } from "../../../src/checkpoints/gguf/namings/keys.ts";
import { officialNanoEncoder } from "../../../src/checkpoints/gguf/namings/nano-official.ts";
import { qwen3, qwen3Names } from "../../../src/checkpoints/gguf/namings/qwen3.ts";
import type { OpenModel } from "../../readers/open-model.ts";
import { fileType, typed } from "../metadata.ts";
import { ctcIsLeftOut, formatOf } from "./layout.ts";
import type { Layout, LayoutFile, LayoutOptions, PlannedTensor } from "./layout.ts";
import { officialMetadata, officialTensor } from "./official.ts";

export const officialNano: Layout = {
  files: async (model, to, options) => [
    audioFile(model, to, options),
    llmFile(model, to.replace(/(?<=[^/\\])(\.[^./\\]*)?$/u, "-qwen3$1"), options),
  ],
  notes: (model) => [
    ...ctcIsLeftOut(model),
    ...(requiredValue(model, "fun-asr-nano.adaptor.use_low_frame_rate") === true
      ? []
      : [
          "the language model sees all audio rows, which this layout cannot state: read it with --no-low-frame-rate",
        ]),
  ],
};

function audioFile(model: OpenModel, path: string, options: LayoutOptions): LayoutFile {
  const tensors = [...model.tensors]
    .filter(([canonical]) => canonical.startsWith("audio_encoder.") || canonical.startsWith("audio_adaptor."))
    .map(([canonical, entry]) => officialTensor(canonical, entry, options));
  return { path, metadata: officialMetadata(model, officialNanoEncoder), tensors };
}

function llmFile(model: OpenModel, path: string, { type, rules, name }: LayoutOptions): LayoutFile {
  const blocks = Number(requiredValue(model, "fun-asr-nano.llm.block_count"));
  const tensors = qwen3Names(blocks).map(([foreign, canonical]): PlannedTensor => {
    const embedding = model.tensors.get("llm.model.embed_tokens.weight");
    const entry = (model.tensors.get(canonical) ?? embedding) as TensorEntry;
    const usual = entry.shape.length < 2 ? "F32" : (type ?? entry.format);
    return {
      canonical,
      entry: { ...entry, name: foreign },
      format: formatOf(canonical, entry, usual, rules),
    };
  });
  const formats = new Map(tensors.map(({ canonical, format }) => [canonical, format]));
  const metadata = new Map<string, MetadataValue>([
    ["general.architecture", qwen3.fileArchitecture ?? ""],
    ["general.name", name ?? "Qwen3"],
    ...writeKeys(model, qwen3.keys),
    ["general.file_type", fileType(formats)],
    ["general.quantization_version", 2],
    ...commonKeys(model, "tokenizer."),
  ]);
  return { path, metadata: typed(metadata), tensors };
}
