/**
 * Paraformer as FunASR exports it, with config.yaml, am.mvn and tokens.json beside the graph, and as sherpa-onnx publishes
 * the same graph, with the normalization in its notes, tokens.txt, and no settings: those follow from the weights' shapes
 * and from what all published models have.
 */
import { Config } from "../../config.ts";
import { Sizes } from "../../dialects/sizes.ts";
import type { FolderContent } from "../../families/family.ts";
import { readParaformer } from "../../families/paraformer.ts";
import type { ExportFile, WholeExport } from "./export.ts";
import { notedCmvn, notedFrontend } from "./notes.ts";

/** Heads of all attention, which no shape shows. */
const heads = 4;

const graph = {
  architecture: "paraformer",
  title: "Paraformer",
  inputs: ["speech", "speech_lengths"],
  outputs: ["logits", "token_num"],
  // the exporter wraps both
  canonical: (name: string) =>
    name.replace(/^(encoder|decoder)\.model\./, "$1.").replace(/^cif_/, "predictor.cif_"),
  read,
} as const;

export const funasrParaformer: WholeExport = { ...graph, name: "FunASR's Paraformer" };

export const sherpaParaformer: WholeExport = {
  ...graph,
  name: "sherpa-onnx's Paraformer",
  fits: (metadata) => metadata.has("neg_mean"),
};

function read(file: ExportFile): Promise<FolderContent> {
  const { tensors, companions, source } = file;
  const isIts = file.config?.value("model") === "Paraformer";
  const config =
    isIts && file.config !== undefined
      ? file.config
      : new Config(settings(file), `${source}, the published settings`);
  const cmvn = notedCmvn(file, new Sizes(source, tensors).of("encoder.encoders0.0.norm1.weight", 0));
  return readParaformer({ config, companions, tensors, ...(cmvn === undefined ? {} : { cmvn }) });
}

/** As config.yaml states them. */
function settings(file: ExportFile): unknown {
  const sizes = new Sizes(file.source, file.tensors);
  const [encoder, decoder] = ["encoder.encoders0.0", "decoder.decoders.0"];
  const order = (sizes.of("predictor.cif_conv1d.weight", 2) - 1) / 2;
  return {
    frontend_conf: notedFrontend(file),
    encoder_conf: {
      output_size: sizes.of("encoder.after_norm.weight", 0),
      attention_heads: heads,
      linear_units: sizes.of(`${encoder}.feed_forward.w_1.weight`, 0),
      num_blocks: 1 + sizes.count("encoder.encoders"),
      kernel_size: sizes.of(`${encoder}.self_attn.fsmn_block.weight`, 1),
    },
    predictor: "CifPredictorV2",
    predictor_conf: { threshold: 1, l_order: order, r_order: order, tail_threshold: 0.45 },
    decoder_conf: {
      attention_heads: heads,
      linear_units: sizes.of(`${decoder}.feed_forward.w_1.weight`, 0),
      num_blocks: sizes.count("decoder.decoders") + sizes.count("decoder.decoders2"),
      att_layer_num: sizes.count("decoder.decoders"),
      kernel_size: sizes.of(`${decoder}.self_attn.fsmn_block.weight`, 1),
    },
  };
}
