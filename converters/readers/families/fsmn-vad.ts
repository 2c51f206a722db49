/**
 * FSMN-VAD: config.yaml and am.mvn, beside model.pt or an ONNX export. FunASR's FsmnVADStreaming. What config.yaml does
 * not state is as in the published model; sizes follow from the shapes of the weights.
 */
import type { MetadataValue, TensorEntry } from "../../../src/checkpoints/checkpoint.ts";
import { ModelFormatError } from "../../../src/errors.ts";
import type { Companions } from "../companions.ts";
import type { Config } from "../config.ts";
import { cmvnTensors } from "./cmvn.ts";
import type { FolderContent, ModelFolder } from "./family.ts";

const architecture = "fsmn-vad";

/** The front end of the published model, the only one that detection computes, under our names for its keys. */
const frontend: Readonly<Record<string, readonly [name: string, value: string | number]>> = {
  fs: ["sample_rate", 16_000],
  n_mels: ["n_mels", 80],
  frame_length: ["frame_length_ms", 25],
  frame_shift: ["frame_shift_ms", 10],
  lfr_m: ["lfr_m", 5],
  lfr_n: ["lfr_n", 1],
  window: ["window", "hamming"],
};
const width = 80 * 5;

/** Rules of the state machine, which it has as constants: FunASR's VADXOptions, and the published values. */
const rules: Readonly<Record<string, number | boolean>> = {
  sample_rate: 16_000,
  detect_mode: 1,
  snr_mode: 0,
  max_end_silence_time: 800,
  max_start_silence_time: 3000,
  do_start_point_detection: true,
  do_end_point_detection: true,
  window_size_ms: 200,
  sil_to_speech_time_thres: 150,
  speech_to_sil_time_thres: 150,
  speech_2_noise_ratio: 1,
  do_extend: 1,
  lookback_time_start_point: 200,
  lookahead_time_end_point: 100,
  max_single_segment_time: 60_000,
  snr_thres: -100,
  noise_frame_num_used_for_snr: 100,
  decibel_thres: -100,
  speech_noise_thres: 0.6,
  fe_prior_thres: 1e-4,
  silence_pdf_num: 1,
  frame_in_ms: 10,
  frame_length_ms: 25,
};

export async function readFsmnVad({ config, companions, tensors }: ModelFolder): Promise<FolderContent> {
  for (const [rule, value] of Object.entries(rules)) config.require(`model_conf.${rule}`, value);
  for (const [key, [, value]] of Object.entries(frontend)) config.require(`frontend_conf.${key}`, value);
  config.require("encoder", "FSMN");
  config.requireOne("frontend", ["WavFrontend", "WavFrontendOnline"]);
  config.requireOne("frontend_conf.cmvn_file", ["am.mvn"]);
  for (const key of ["snip_edges", "upsacle_samples"]) config.require(`frontend_conf.${key}`, true);
  config.require("model_conf.sil_pdf_ids.0", 0);
  config.require("model_conf.sil_pdf_ids.1", undefined);
  const sizes = encoderKeys(config, tensors, companions);
  const cmvn = await cmvnTensors(companions, width);
  if (cmvn.length === 0) {
    throw new ModelFormatError("file_not_found", companions.where("am.mvn"), "the file is not there", {
      wanted: "the normalization of the features, without which the model detects nothing",
      remedy: "Copy it into the folder: it is published with the model",
    });
  }
  return {
    metadata: new Map([
      ...sizes,
      ...Object.values(frontend).map(([name, value]): [string, MetadataValue] => [
        `${architecture}.frontend.${name}`,
        value,
      ]),
    ]),
    tensors: new Map([...cmvn, ...tensors]),
    notes: [`${tensors.size} tensors`],
  };
}

function encoderKeys(
  config: Config,
  tensors: ReadonlyMap<string, TensorEntry>,
  companions: Companions,
): [string, MetadataValue][] {
  const conf = "encoder_conf";
  config.require(`${conf}.rorder`, 0);
  config.require(`${conf}.lstride`, 1);
  config.require(`${conf}.use_softmax`, true);
  const size = (name: string, axis: number): number => {
    const found = tensors.get(`encoder.${name}.weight`)?.shape[axis];
    if (found !== undefined) return found;
    throw new ModelFormatError("bad_tensors", companions.folder, `encoder.${name}.weight is missing`, {
      wanted: "the weights of FSMN-VAD",
    });
  };
  let layers = 0;
  while (tensors.has(`encoder.fsmn.${layers}.linear.linear.weight`)) layers++;
  const sizes = {
    input_dim: size("in_linear1.linear", 1),
    input_affine_dim: size("in_linear1.linear", 0),
    linear_dim: size("in_linear2.linear", 0),
    proj_dim: size("fsmn.0.linear.linear", 0),
    fsmn_layers: layers,
    lorder: size("fsmn.0.fsmn_block.conv_left", 1),
    output_affine_dim: size("out_linear1.linear", 0),
    output_dim: size("out_linear2.linear", 0),
  };
  return Object.entries(sizes).map(([name, found]) => [
    `${architecture}.${name}`,
    config.integer(`${conf}.${name}`, found),
  ]);
}
