/** The definition of ConvTranspose. */
import { floats } from "../../kernel.ts";
import type { Reference } from "../../kernel.ts";

export const convTransposeReference: Reference<"x" | "weight" | "bias", object> = (inputs, _, [y]) => {
  const x = floats(inputs, "x");
  const weight = floats(inputs, "weight");
  const bias = floats(inputs, "bias");
  const [channels, size, taps] = inputs.weight!.shape as readonly [number, number, number];
  const frames = x.length / channels;
  const sums = new Float64Array(size * taps);

  for (let t = 0; t < frames; t++) {
    for (let o = 0; o < size; o++) sums.fill(bias[o]!, o * taps, (o + 1) * taps);
    for (let i = 0; i < channels; i++) {
      const value = x[t * channels + i]!;
      for (let j = 0; j < sums.length; j++) sums[j]! += value * weight[i * sums.length + j]!;
    }
    for (let k = 0; k < taps; k++) {
      for (let o = 0; o < size; o++) y![(t * taps + k) * size + o] = sums[o * taps + k]!;
    }
  }
};
