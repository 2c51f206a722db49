/**
 * `Fun-ASR-Nano-2512-hf` of Hugging Face's Transformers (model_type `fun_asr_nano`): its weights, not its behavior, which
 * differs from the original's in the scale of the samples and in the rows that the language model gets.
 */
import { canonicalShape } from "../../../src/checkpoints/gguf/shapes.ts";
import type { MetadataValue, TensorEntry } from "../../../src/checkpoints/checkpoint.ts";
import type { FolderContent } from "../families/family.ts";
import { Config } from "../config.ts";
import type { Dialect, DialectFile } from "./dialect.ts";
import { nanoContent } from "./nano-content.ts";
import type { NanoFacts } from "./nano-content.ts";
import { modulesIn } from "./sizes.ts";
import { renamed, transformersNames } from "./transformers-names.ts";
import { inOneSpelling, splitNames, stacksOf } from "./transformers-split-names.ts";

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

/** Earlier revisions, and what other programs made from them. */
export const splitTransformersNano: Dialect = {
  ...transformersNano,
  name: "Transformers Fun-ASR-Nano (split tower)",
  has: ["model.audio_tower.stem.self_attn.q_proj.weight"],
  read: readSplit,
};

async function read(file: DialectFile): Promise<FolderContent> {
  const { config, tensors } = file;
  for (const path of ["audio_config.hidden_act", "adaptor_config.hidden_act"]) config.require(path, "relu");
  config.require("adaptor_config.projector_hidden_act", "relu");
  const plain = [...tensors.keys()].map((name) => name.replace(/^model\./u, ""));
  const blocks = modulesIn("audio_tower.layers", plain);
  config.require("audio_config.num_hidden_layers", blocks);
  // the value of Transformers' class, which is the encoder's; FunASR's adaptor has 1e-12, and that is computed
  for (const part of ["audio_config", "adaptor_config"]) config.require(`${part}.layer_norm_eps`, 1e-5);
  const pairs = transformersNames({
    encoder: blocks,
    timePrediction: config.integer("audio_config.num_timestamp_prediction_layers", 20),
    adaptor: modulesIn("multi_modal_projector.layers", plain),
  });
  return content(file, renamed(file.source, tensors, pairs), {
    encoderHeads: config.integer("audio_config.num_attention_heads", heads.encoder),
    adaptorHeads: config.integer("adaptor_config.num_attention_heads", heads.adaptor),
    sizes,
  });
}

/** What config.json states of the audio half and shapes show, with our keys. */
const sizes: Readonly<Record<string, string>> = {
  "audio_config.hidden_size": "encoder.output_size",
  "audio_config.intermediate_size": "encoder.linear_units",
  "audio_config.fsmn_kernel_size": "encoder.kernel_size",
  "audio_config.num_mel_bins": "frontend.n_mels",
  "audio_config.num_stacked_frames": "frontend.lfr_m",
  "audio_config.num_timestamp_prediction_layers": "encoder.tp_blocks",
  "adaptor_config.hidden_size": "adaptor.llm_dim",
  "adaptor_config.projector_hidden_size": "adaptor.ffn_dim",
  "adaptor_config.num_hidden_layers": "adaptor.n_layer",
};

async function readSplit(file: DialectFile): Promise<FolderContent> {
  const { source, config } = file;
  for (const path of ["activation_function", "encoder_config.activation_function"])
    config.require(path, "relu");
  const tensors = inOneSpelling(source, file.tensors);
  const pairs = splitNames(stacksOf([...tensors.keys()]));
  return content(file, renamed(source, tensors, pairs), {
    encoderHeads: config.integer(
      stated(config, [
        "encoder_config.encoder_attention_heads",
        "audio_config.encoder_attention_heads",
        "audio_config.num_attention_heads",
      ]),
      heads.encoder,
    ),
    adaptorHeads: config.integer(
      stated(config, ["adaptor_num_attention_heads", "adaptor_config.num_attention_heads"]),
      heads.adaptor,
    ),
  });
}

/** The first of the paths that config.json has; revisions differ. */
const stated = (config: Config, paths: readonly [string, ...string[]]): string =>
  paths.find((path) => config.value(path) !== undefined) ?? paths[0];

/** The published model's, where config.json states none. */
const heads = { encoder: 4, adaptor: 8 } as const;

async function content(
  file: DialectFile,
  tensors: ReadonlyMap<string, TensorEntry>,
  found: Pick<NanoFacts, "encoderHeads" | "adaptorHeads" | "sizes">,
): Promise<FolderContent> {
  const { config, companions } = file;
  const shaped = new Map([...tensors].map(([name, entry]) => [name, canonicalShape(entry)]));
  const inner = shaped.get("audio_adaptor.blocks.0.feed_forward.w_1.weight")?.shape[0];
  if (inner !== undefined) config.require("adaptor_config.intermediate_size", inner);
  const tied = config.flag("tie_word_embeddings", true);
  const where = companions.where("config.json, text_config");
  return nanoContent(file, shaped, {
    ...found,
    frontend: await frontendKeys(file),
    llm: new Config({ ...section(config, "text_config"), tie_word_embeddings: tied }, where),
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
