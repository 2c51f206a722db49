/**
 * SenseVoice-Small as FunASR exports it, with config.yaml, am.mvn and tokens.json beside the graph, and as sherpa-onnx does,
 * with the normalization in its notes, tokens.txt, and no settings: those follow from the weights' shapes.
 */
import { languageKeys, styleQueries } from "../../../../src/configs/sensevoice-queries.ts";
import { Sizes } from "../../dialects/sizes.ts";
import type { FolderContent } from "../../families/family.ts";
import { readSenseVoice } from "../../families/sensevoice.ts";
import type { ExportFile, WholeExport } from "./export.ts";
import { expectNotes, notedCmvn, settingsOf } from "./notes.ts";
import type { FrontendConf } from "./notes.ts";

/** Heads of all attention, which no shape shows. */
const heads = 4;

/** The model's type, and the rows of the query table that the recognizer uses. */
const noted: Readonly<Record<string, string | number>> = {
  model_type: "sense_voice_ctc",
  blank_id: 0,
  ...Object.fromEntries(languageKeys),
  with_itn: styleQueries.withitn,
  without_itn: styleQueries.woitn,
};

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
  const config = settingsOf(file, ["SenseVoiceSmall"], (front) => settings(file, front));
  const sizes = new Sizes(source, tensors);
  expectNotes(file, { ...noted, vocab_size: sizes.of("ctc.ctc_lo.weight", 0) });
  const cmvn = notedCmvn(file, sizes.of("encoder.encoders0.0.norm1.weight", 0));
  return readSenseVoice({ config, companions, tensors, ...(cmvn === undefined ? {} : { cmvn }) });
}

/** As config.yaml states them. */
function settings(file: ExportFile, frontend: FrontendConf): unknown {
  const sizes = new Sizes(file.source, file.tensors);
  const first = "encoder.encoders0.0";
  return {
    frontend_conf: frontend,
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
