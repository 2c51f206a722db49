/** The definition of Rope. */
import { floats } from "../../kernel.ts";
import type { Reference } from "../../kernel.ts";
import { inverseFrequencies } from "../../runtime/angles.ts";
import type { RopeAttrs } from "./index.ts";

export const ropeReference: Reference<"x", RopeAttrs> = (inputs, attrs, [y]) => {
  const x = floats(inputs, "x");
  const [frames, width] = inputs.x!.shape as readonly [number, number];
  const half = attrs.headDim / 2;
  const frequencies = inverseFrequencies(attrs);

  for (let t = 0; t < frames; t++) {
    for (let j = 0; j < half; j++) {
      const angle = Math.fround((attrs.position + t) * frequencies[j]!);
      const cos = Math.fround(Math.cos(angle));
      const sin = Math.fround(Math.sin(angle));
      for (let start = t * width; start < (t + 1) * width; start += attrs.headDim) {
        const a = x[start + j]!;
        const b = x[start + j + half]!;
        y![start + j] = a * cos - b * sin;
        y![start + j + half] = b * cos + a * sin;
      }
    }
  }
};
