/** The definition of Unfold. */
import { floats } from "../../kernel.ts";
import type { Reference } from "../../kernel.ts";
import type { UnfoldAttrs } from "./index.ts";

export const unfoldReference: Reference<"x", UnfoldAttrs> = (inputs, { left, right }, [y]) => {
  const x = floats(inputs, "x");
  const [frames, channels] = inputs.x!.shape as readonly [number, number];
  const taps = left + 1 + right;

  for (let t = 0; t < frames; t++) {
    for (let k = 0; k < taps; k++) {
      const s = t + k - left;
      if (s < 0 || s >= frames) continue;
      for (let c = 0; c < channels; c++) y![(t * channels + c) * taps + k] = x[s * channels + c]!;
    }
  }
};
