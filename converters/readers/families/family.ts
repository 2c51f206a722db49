/** What a FunASR model folder is turned into: canonical metadata and tensors, before storage formats are chosen. */
import type { Metadata, MetadataValue, TensorEntry } from "../../../src/checkpoints/checkpoint.ts";
import type { Companions } from "../companions.ts";
import type { Config } from "../config.ts";

/** The front end of all of FunASR's models for 16 kHz, as `frontend_conf` of their config.yaml has it. */
export const publishedFrontend = {
  fs: 16_000,
  window: "hamming",
  n_mels: 80,
  frame_length: 25,
  frame_shift: 10,
  lfr_m: 7,
  lfr_n: 6,
} as const;

/** How the published folders of an architecture are read. */
export interface UpstreamModel {
  /** `model:` of config.yaml. */
  readonly model: string;
  /** Other values of it: models that contain this one, whose further parts are not used. */
  readonly variants?: readonly string[];
  /** `general.name` where the user gives none. */
  readonly title: string;
  readonly readFolder: (folder: ModelFolder) => Promise<FolderContent>;
  /**
   * Tensors by which weights are recognized where no config.yaml names the model, and ONNX exports with the state
   * dict's names: of models whose settings follow from their weights.
   */
  readonly landmarks?: readonly string[];
}

export interface ModelFolder {
  readonly config: Config;
  readonly companions: Companions;
  /** The state dict; kernels of FSMN blocks are [D, K] already. */
  readonly tensors: ReadonlyMap<string, TensorEntry>;
  /** `cmvn.shift` and `cmvn.scale` where the file of weights has them; elsewhere am.mvn does. */
  readonly cmvn?: readonly [string, TensorEntry][];
}

export interface FolderContent {
  /** Without `general.*`, in the order in which it is written. */
  readonly metadata: Metadata;
  readonly tensors: ReadonlyMap<string, TensorEntry>;
  /** Tensors that the model has no use for. */
  readonly extraTensors?: ReadonlyMap<string, TensorEntry>;
  /** What the checkpoint is, and what will not work with it. */
  readonly notes: readonly string[];
}

/** The Kaldi front end that all models share. Audio comes at 16 kHz: a model of another rate is refused. */
export function frontendKeys(architecture: string, config: Config): [string, MetadataValue][] {
  config.require("frontend_conf.fs", 16_000);
  config.require("frontend_conf.upsacle_samples", true); // as FunASR spells it
  config.requireOne("frontend_conf.cmvn_file", ["am.mvn"]);
  config.requireOne("frontend", ["WavFrontend", "WavFrontendOnline"]);
  config.require("normalize", undefined);
  const snipsEdges = config.flag("frontend_conf.snip_edges", true);
  const prefix = `${architecture}.frontend`;
  return [
    [`${prefix}.sample_rate`, config.integer("frontend_conf.fs")],
    [`${prefix}.n_mels`, config.integer("frontend_conf.n_mels")],
    [`${prefix}.frame_length_ms`, config.integer("frontend_conf.frame_length")],
    [`${prefix}.frame_shift_ms`, config.integer("frontend_conf.frame_shift")],
    [`${prefix}.lfr_m`, config.integer("frontend_conf.lfr_m")],
    [`${prefix}.lfr_n`, config.integer("frontend_conf.lfr_n")],
    [`${prefix}.window`, config.text("frontend_conf.window")],
    ...(snipsEdges ? [] : [[`${prefix}.snip_edges`, false] as [string, MetadataValue]]),
  ];
}

/** Our own section of config.yaml: how recordings are best cut for this model, in seconds. */
export function recommendedKeys(config: Config): [string, MetadataValue][] {
  return ["window", "pause", "overlap"]
    .filter((key) => config.value(`recommended.${key}`) !== undefined)
    .map((key) => [`fun-asr.recommended.${key}`, config.number(`recommended.${key}`)]);
}

/** What the encoder gets from the front end: stacked mel bins. */
export function featureSize(config: Config): number {
  return config.integer("frontend_conf.n_mels") * config.integer("frontend_conf.lfr_m");
}

/** Settings of FunASR's encoders of which one value is computed, and which may be absent. */
const encoderVariant: Readonly<Record<string, string | number | boolean>> = {
  input_layer: "pe",
  normalize_before: true,
  concat_after: false,
  positionwise_layer_type: "linear",
  selfattention_layer_type: "sanm",
  interctc_use_conditioning: false,
};

/** Throws `checkpoint_malformed` for an encoder that is not computed; `section` is its part of the configuration. */
export function requireEncoder(config: Config, section: string): void {
  for (const key of ["sanm_shfit", "sanm_shift"]) config.require(`${section}.${key}`, 0);
  requireLayers(config, section);
}

/** The same for an encoder whose memory may be shifted. */
export function requireLayers(config: Config, section: string): void {
  for (const [key, value] of Object.entries(encoderVariant)) config.require(`${section}.${key}`, value);
}

/** A SANM encoder of features; `section` is its part of config.yaml. */
export function encoderKeys(
  architecture: string,
  config: Config,
  section: string,
): [string, MetadataValue][] {
  requireEncoder(config, section);
  return layerKeys(architecture, config, section, featureSize(config));
}

/** A SANM encoder of rows of this width. */
export function layerKeys(
  architecture: string,
  config: Config,
  section: string,
  inputSize: number,
): [string, MetadataValue][] {
  const prefix = `${architecture}.encoder`;
  return [
    [`${prefix}.input_size`, inputSize],
    [`${prefix}.output_size`, config.integer(`${section}.output_size`)],
    [`${prefix}.attention_heads`, config.integer(`${section}.attention_heads`)],
    [`${prefix}.linear_units`, config.integer(`${section}.linear_units`)],
    [`${prefix}.num_blocks`, config.integer(`${section}.num_blocks`)],
    ...(config.value(`${section}.tp_blocks`) === undefined
      ? []
      : [[`${prefix}.tp_blocks`, config.integer(`${section}.tp_blocks`)] as [string, MetadataValue]]),
    [`${prefix}.kernel_size`, config.integer(`${section}.kernel_size`, 11)],
  ];
}
