/**
 * Paraformer as FunASR exports it, with config.yaml, am.mvn and tokens.json beside the graph, and as sherpa-onnx publishes
 * the same graph, with the normalization in its notes, tokens.txt, and no settings: those follow from the weights' shapes
 * and from what all published models have.
 */
import { Sizes } from "../../dialects/sizes.ts";
import type { FolderContent } from "../../families/family.ts";
import { readParaformer } from "../../families/paraformer.ts";
import type { ExportFile, WholeExport } from "./export.ts";
import { expectNotes, notedCmvn, settingsOf } from "./notes.ts";
import type { FrontendConf } from "./notes.ts";

/** Heads of all attention, which no shape shows. */
const heads = 4;

const graph = {
  architecture: "paraformer",
  title: "Paraformer",
  inputs: ["speech", "speech_lengths"],
  outputs: ["logits", "token_num"],
  // the exporter wraps both
  canonical: (name: string) =>
    name
      .replace(/^(encoder|decoder)\.model\./, "$1.")
      .replace(/^(cif_|blstm\.|upsample_cnn\.)/, "predictor.$1"),
  read,
} as const;

export const funasrParaformer: WholeExport = { ...graph, name: "FunASR's Paraformer" };

/** With a second head of the predictor, for times. */
export const funasrBiCif: WholeExport = {
  ...graph,
  name: "FunASR's BiCif-Paraformer",
  outputs: ["logits", "token_num", "us_alphas", "us_cif_peak"],
};

export const sherpaParaformer: WholeExport = {
  ...graph,
  name: "sherpa-onnx's Paraformer",
  fits: (metadata) => metadata.has("neg_mean"),
};

function read(file: ExportFile): Promise<FolderContent> {
  const { tensors, companions, source } = file;
  const config = settingsOf(file, ["Paraformer", "BiCifParaformer"], (front) => settings(file, front));
  const sizes = new Sizes(source, tensors);
  expectNotes(file, { model_type: "paraformer", vocab_size: sizes.of("decoder.output_layer.weight", 0) });
  const cmvn = notedCmvn(file, sizes.of("encoder.encoders0.0.norm1.weight", 0));
  return readParaformer({ config, companions, tensors, ...(cmvn === undefined ? {} : { cmvn }) });
}

/** As config.yaml states them. */
function settings(file: ExportFile, frontend: FrontendConf): unknown {
  const sizes = new Sizes(file.source, file.tensors);
  const [encoder, decoder] = ["encoder.encoders0.0", "decoder.decoders.0"];
  return {
    frontend_conf: frontend,
    encoder_conf: {
      output_size: sizes.of("encoder.after_norm.weight", 0),
      attention_heads: heads,
      linear_units: sizes.of(`${encoder}.feed_forward.w_1.weight`, 0),
      num_blocks: 1 + sizes.count("encoder.encoders"),
      kernel_size: sizes.of(`${encoder}.self_attn.fsmn_block.weight`, 1),
    },
    ...predictor(sizes, file.tensors.has("predictor.upsample_cnn.weight")),
    decoder_conf: {
      attention_heads: heads,
      linear_units: sizes.of(`${decoder}.feed_forward.w_1.weight`, 0),
      num_blocks: sizes.count("decoder.decoders") + sizes.count("decoder.decoders2"),
      att_layer_num: sizes.count("decoder.decoders"),
      kernel_size: sizes.of(`${decoder}.self_attn.fsmn_block.weight`, 1),
    },
  };
}

/** Of the published models; a head for times has factors of its own. */
function predictor(sizes: Sizes, hasTimes: boolean): Readonly<Record<string, unknown>> {
  const order = (sizes.of("predictor.cif_conv1d.weight", 2) - 1) / 2;
  const conf = { threshold: 1, l_order: order, r_order: order, tail_threshold: 0.45 };
  if (!hasTimes) return { predictor: "CifPredictorV2", predictor_conf: conf };
  const times = {
    upsample_times: sizes.of("predictor.upsample_cnn.weight", 2),
    upsample_type: "cnn_blstm",
    use_cif1_cnn: false,
    smooth_factor2: 0.25,
    noise_threshold2: 0.01,
  };
  return { predictor: "CifPredictorV3", predictor_conf: { ...conf, ...times } };
}
