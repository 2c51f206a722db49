/**
 * The official FSMN-VAD: the state dict's own names, keys under `vad.`; the kernels of its memory are stored tap by tap
 * (shapes.ts).
 */
import { commonKeys, readKeys } from "./keys.ts";
import type { CopiedKey } from "./keys.ts";
import type { GgufNaming } from "./naming.ts";

const keys: readonly CopiedKey[] = [
  "input_dim",
  "input_affine_dim",
  "linear_dim",
  "proj_dim",
  "fsmn_layers",
  "lorder",
  "output_affine_dim",
  "output_dim",
].map((key): CopiedKey => [`vad.${key}`, `fsmn-vad.${key}`]);

/** What a file may leave out, since all models have it. */
const frontend: readonly CopiedKey[] = [
  ["vad.n_mels", "fsmn-vad.frontend.n_mels", 80],
  ["vad.lfr_m", "fsmn-vad.frontend.lfr_m", 5],
  ["vad.lfr_n", "fsmn-vad.frontend.lfr_n", 1],
];

export const officialFsmnVad: GgufNaming = {
  name: "official FSMN-VAD",
  architecture: "fsmn-vad",
  fileArchitecture: "fsmn-vad",
  part: "model",
  has: ["encoder.in_linear1.linear.weight", "encoder.fsmn.0.fsmn_block.conv_left.weight"],
  key: "vad.lorder",
  keys: [...keys, ...frontend],
  metadata: (file) =>
    new Map([
      ...commonKeys(file, "general."),
      ["general.architecture", "fsmn-vad"],
      ...readKeys(file, keys),
      ...readKeys(file, frontend),
    ]),
  names: () => [],
};
