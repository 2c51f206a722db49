/**
 * The memory of SAN-M: y = v + conv(v), a depthwise correlation over time with an identity. Row t, channel c:
 * y[t, c] = v[t, c] + Σ_j kernel[c, j] · v[t + j − left, c], rows outside counting as zero.
 * The encoder centers the kernel, left = (K − 1) / 2.
 * Gao et al., arXiv:2006.01713; FunASR's MultiHeadedAttentionSANM.forward_fsmn.
 */
import { demand, matrix } from "../../kernel.ts";
import type { KernelDefinition } from "../../kernel.ts";

export interface FsmnAttrs {
  /** Rows of the past that the kernel covers. */
  readonly left: number;
}

/** {v [T, C], kernel [C, K]} → [T, C] */
export const fsmn: KernelDefinition<"v" | "kernel", FsmnAttrs> = {
  name: "Fsmn",
  outputs: (inputs, { left }) => {
    const [rows, channels] = matrix("Fsmn", inputs, "v");
    const [kernels, taps] = matrix("Fsmn", inputs, "kernel");
    demand(kernels === channels, "Fsmn", `${kernels} kernels`, `one for each of ${channels} channels`);
    demand(left >= 0 && left < taps, "Fsmn", `${left} of ${taps} taps in the past`, "fewer than all");
    return [[rows, channels]];
  },
};
