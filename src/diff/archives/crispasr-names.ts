/**
 * CrispASR's names for the stages of our models (tools/reference_backends/{funasr,paraformer,sensevoice}.py). It counts
 * encoder layers through all groups, as the published checkpoints have them: 50, then the 20 of `tp_encoders`. A name
 * without a counterpart is left unchanged.
 *
 * `mel_features` is the input of the encoder. Their scripts take it from a front end without normalization, for every
 * model, and run the encoder on that: their Paraformer archives belong to a run with CMVN off. Their engine, which the
 * diff tool compares with an archive, normalizes Paraformer's features first (src/paraformer.cpp), and no others.
 */

/** # stands for a layer's number. */
interface Rule {
  readonly theirs: string;
  readonly ours: string;
}

const mainLayers = 50;

/** The encoder's module in the state dict: Fun-ASR-Nano's is one of several parts. */
const encoderOf = (backend: string): string => (/^fun-?asr/u.test(backend) ? "audio_encoder" : "encoder");

const rules: readonly Rule[] = [
  { theirs: "raw_audio", ours: "samples" },
  { theirs: "encoder_input", ours: "encoder.input" },
  { theirs: "ctc_logits", ours: "ctc.ctc_lo" },
  { theirs: "audio_adaptor_output", ours: "audio_adaptor" },
  { theirs: "audio_adaptor_layer_#", ours: "audio_adaptor.blocks.#" },
  { theirs: "cif_alphas", ours: "predictor.alphas" },
  { theirs: "acoustic_embeds", ours: "predictor" },
  { theirs: "decoder_layer_#", ours: "decoder.decoders.#" },
  { theirs: "decoder_output", ours: "decoder.after_norm" },
];

/** The architecture of an archive's stages, by its metadata: their scripts name a `backend`, ours are of an `architecture`. */
interface Origin {
  readonly backend?: string | undefined;
  readonly architecture?: string | undefined;
}

/** Their names to ours. */
export function fromCrispasr({ backend = "", architecture }: Origin): (name: string) => string {
  const model = architecture ?? backend;
  const encoder = encoderOf(model);
  const last = encoder === "encoder" && !model.startsWith("sense") ? "after_norm" : "tp_norm";
  const features = featuresOf(architecture);
  return (name) => {
    if (name === "mel_features") return features;
    if (name === "encoder_main_out") return `${encoder}.after_norm`;
    if (name === "encoder_output") return `${encoder}.${last}`;
    const layer = /^encoder_layer_(\d{1,3})$/u.exec(name)?.[1];
    if (layer !== undefined) return `${encoder}.${layerPath(Number(layer))}`;
    return translate(name, "theirs", "ours");
  };
}

/** Our names to theirs; the archive's names of `tp_encoders` show which norm is the last. */
export function toCrispasr(names: Iterable<string>, architecture?: string): (name: string) => string {
  const twoNorms = [...names].some((name) => /\.tp_(?:encoders|norm)\b/u.test(name));
  const features = featuresOf(architecture);
  return (name) => {
    if (name === features) return "mel_features";
    const [, path] = /^(?:audio_)?encoder\.(.+)$/u.exec(name) ?? [];
    if (path === undefined) return translate(name, "ours", "theirs");
    if (path === "tp_norm") return "encoder_output";
    if (path === "after_norm") return twoNorms ? "encoder_main_out" : "encoder_output";
    const layer = layerNumber(path);
    return layer === undefined ? translate(name, "ours", "theirs") : `encoder_layer_${layer}`;
  };
}

/** Our name of the features that their engine computes for a model of ours. */
const featuresOf = (architecture: string | undefined): string =>
  architecture === "paraformer" ? "cmvn" : "lfr";

function layerPath(layer: number): string {
  if (layer === 0) return "encoders0.0";
  return layer < mainLayers ? `encoders.${layer - 1}` : `tp_encoders.${layer - mainLayers}`;
}

function layerNumber(path: string): number | undefined {
  const [, group, index] = /^(encoders0|encoders|tp_encoders)\.(\d{1,3})$/u.exec(path) ?? [];
  if (group === undefined || index === undefined) return undefined;
  const first = { encoders0: 0, encoders: 1, tp_encoders: mainLayers }[group] ?? 0;
  return first + Number(index);
}

function translate(name: string, from: keyof Rule, to: keyof Rule): string {
  const [, number] = /(?:^|[._])(\d{1,3})$/u.exec(name) ?? [];
  const pattern = number === undefined ? name : `${name.slice(0, -number.length)}#`;
  const rule = rules.find((rule) => rule[from] === pattern);
  return rule === undefined ? name : rule[to].replace("#", number ?? "");
}
