/** The definition of Fsmn. */
import { floats } from "../../kernel.ts";
import type { Reference } from "../../kernel.ts";
import type { FsmnAttrs } from "./index.ts";

export const fsmnReference: Reference<"v" | "kernel", FsmnAttrs> = (inputs, { left }, [y]) => {
  const v = floats(inputs, "v");
  const kernel = floats(inputs, "kernel");
  const [frames, channels] = inputs.v!.shape as readonly [number, number];
  const taps = kernel.length / channels;

  for (let t = 0; t < frames; t++) {
    for (let c = 0; c < channels; c++) {
      let sum = v[t * channels + c]!;
      for (let j = 0; j < taps; j++) {
        const s = t + j - left;
        if (s >= 0 && s < frames) sum += kernel[c * taps + j]! * v[s * channels + c]!;
      }
      y![t * channels + c] = sum;
    }
  }
};
