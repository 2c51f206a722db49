/**
 * SenseVoice-Small as FunASR exports it, with config.yaml, am.mvn and tokens.json beside the graph, and as sherpa-onnx does,
 * with the normalization in its notes, tokens.txt, and no settings: those follow from the weights' shapes.
 */
import { Config } from "../../config.ts";
import { Sizes } from "../../dialects/sizes.ts";
import type { FolderContent } from "../../families/family.ts";
import { readSenseVoice } from "../../families/sensevoice.ts";
import type { ExportFile, WholeExport } from "./export.ts";
import { notedCmvn, notedFrontend } from "./notes.ts";

/** Heads of all attention, which no shape shows. */
const heads = 4;

const model = { architecture: "sensevoice", title: "SenseVoice-Small", read } as const;

export const funasrSenseVoice: WholeExport = {
  ...model,
  name: "FunASR's SenseVoice",
  inputs: ["speech", "speech_lengths", "language", "textnorm"],
  outputs: ["ctc_logits", "encoder_out_lens"],
};

export const sherpaSenseVoice: WholeExport = {
  ...model,
  name: "sherpa-onnx's SenseVoice",
  inputs: ["x", "x_length", "language", "text_norm"],
  outputs: ["logits"],
};

function read(file: ExportFile): Promise<FolderContent> {
  const { tensors, companions, source } = file;
  const isIts = file.config?.value("model") === "SenseVoiceSmall";
  const config =
    isIts && file.config !== undefined
      ? file.config
      : new Config(settings(file), `${source}, the published settings`);
  const cmvn = notedCmvn(file, new Sizes(source, tensors).of("encoder.encoders0.0.norm1.weight", 0));
  return readSenseVoice({ config, companions, tensors, ...(cmvn === undefined ? {} : { cmvn }) });
}

/** As config.yaml states them. */
function settings(file: ExportFile): unknown {
  const sizes = new Sizes(file.source, file.tensors);
  const first = "encoder.encoders0.0";
  return {
    frontend_conf: notedFrontend(file),
    encoder_conf: {
      output_size: sizes.of("encoder.after_norm.weight", 0),
      attention_heads: heads,
      linear_units: sizes.of(`${first}.feed_forward.w_1.weight`, 0),
      num_blocks: 1 + sizes.count("encoder.encoders"),
      tp_blocks: sizes.count("encoder.tp_encoders"),
      kernel_size: sizes.of(`${first}.self_attn.fsmn_block.weight`, 1),
    },
  };
}
