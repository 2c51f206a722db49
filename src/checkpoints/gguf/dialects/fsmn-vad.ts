/**
 * The official FSMN-VAD: the state dict's own names, keys under `vad.`; the kernels of its memory lie tap by tap
 * (shapes.ts).
 */
import { commonKeys, translateKeys } from "./dialect.ts";
import type { Dialect, KeyRow } from "./dialect.ts";

const keys: readonly KeyRow[] = [
  "input_dim",
  "input_affine_dim",
  "linear_dim",
  "proj_dim",
  "fsmn_layers",
  "lorder",
  "output_affine_dim",
  "output_dim",
].map((key): KeyRow => [`vad.${key}`, `fsmn-vad.${key}`]);

/** What a file may leave out, since all models have it. */
const frontend: readonly KeyRow[] = [
  ["vad.n_mels", "fsmn-vad.frontend.n_mels", 80],
  ["vad.lfr_m", "fsmn-vad.frontend.lfr_m", 5],
  ["vad.lfr_n", "fsmn-vad.frontend.lfr_n", 1],
];

export const officialFsmnVad: Dialect = {
  name: "official FSMN-VAD",
  architecture: "fsmn-vad",
  part: "model",
  has: ["encoder.in_linear1.linear.weight", "encoder.fsmn.0.fsmn_block.conv_left.weight"],
  key: "vad.lorder",
  metadata: (file) =>
    new Map([
      ...commonKeys(file, "general."),
      ["general.architecture", "fsmn-vad"],
      ...translateKeys(file, [...keys, ...frontend]),
    ]),
  names: () => [],
};
