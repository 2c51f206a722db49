/**
 * `Fun-ASR-Nano-2512-hf` of Hugging Face's Transformers (model_type `fun_asr_nano`): its weights, not its behavior, which
 * differs from the original's in the scale of the samples and in the rows that the language model gets.
 */
import { canonicalShape } from "../../../src/checkpoints/gguf/shapes.ts";
import type { MetadataValue } from "../../../src/checkpoints/checkpoint.ts";
import type { FolderContent } from "../families/family.ts";
import { Config } from "../config.ts";
import type { Dialect, DialectFile } from "./dialect.ts";
import { nanoContent } from "./nano-content.ts";
import { modulesIn } from "./sizes.ts";
import { renamed, transformersNames } from "./transformers-names.ts";

const landmark = "audio_tower.layers.0.self_attn.fsmn.conv.weight";

export const transformersNano: Dialect = {
  name: "Transformers Fun-ASR-Nano",
  architecture: "fun-asr-nano",
  title: "Fun-ASR-Nano",
  has: [`model.${landmark}`],
  read,
};

/** The same with names that lack `model.`, as other programs write them. */
export const bareTransformersNano: Dialect = { ...transformersNano, has: [landmark] };

async function read(file: DialectFile): Promise<FolderContent> {
  const { config, companions } = file;
  config.require("audio_config.hidden_act", "relu");
  config.require("adaptor_config.hidden_act", "relu");
  config.require("adaptor_config.projector_hidden_act", "relu");
  const plain = [...file.tensors.keys()].map((name) => name.replace(/^model\./u, ""));
  const pairs = transformersNames({
    encoder: modulesIn("audio_tower.layers", plain),
    timePrediction: config.integer("audio_config.num_timestamp_prediction_layers", 20),
    adaptor: modulesIn("multi_modal_projector.layers", plain),
  });
  const tensors = new Map(
    [...renamed(file.tensors, pairs)].map(([name, entry]) => [name, canonicalShape(entry)]),
  );
  return nanoContent(file, tensors, {
    frontend: await frontendKeys(file),
    encoderHeads: config.integer("audio_config.num_attention_heads", 4),
    adaptorHeads: config.integer("adaptor_config.num_attention_heads", 8),
    llm: new Config(
      { ...section(config, "text_config"), tie_word_embeddings: config.flag("tie_word_embeddings", true) },
      companions.where("config.json, text_config"),
    ),
    tokenizers: [companions],
  });
}

/** The settings of the feature extractor, with the defaults of its class. */
async function frontendKeys({ companions }: DialectFile): Promise<[string, MetadataValue][]> {
  const [path = ""] = await present(companions, ["processor_config.json", "preprocessor_config.json"]);
  const stored: unknown = path === "" ? {} : await companions.json(path);
  const whole = new Config(stored, companions.where(path));
  const nested = section(whole, "feature_extractor");
  const extractor = Object.keys(nested).length > 0 ? new Config(nested, companions.where(path)) : whole;
  const prefix = "fun-asr-nano.frontend";
  return [
    [`${prefix}.sample_rate`, extractor.integer("sampling_rate", 16_000)],
    [`${prefix}.n_mels`, extractor.integer("feature_size", 80)],
    [`${prefix}.frame_length_ms`, extractor.integer("frame_length", 25)],
    [`${prefix}.frame_shift_ms`, extractor.integer("frame_shift", 10)],
    [`${prefix}.lfr_m`, extractor.integer("num_frames_lfr", 7)],
    [`${prefix}.lfr_n`, extractor.integer("stride_lfr", 6)],
    [`${prefix}.window`, extractor.text("window", "hamming")],
  ];
}

async function present(
  companions: DialectFile["companions"],
  names: readonly string[],
): Promise<readonly string[]> {
  const found: string[] = [];
  for (const name of names) if (await companions.has(name)) found.push(name);
  return found;
}

/** A part of a configuration; empty where it is not stated. */
function section(config: Config, path: string): Readonly<Record<string, unknown>> {
  const value = config.value(path);
  return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}
