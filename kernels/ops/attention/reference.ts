/** The definition of Attention: one query and one head at a time, scores and sums in float64. */
import { floats } from "../../kernel.ts";
import type { Reference } from "../../kernel.ts";
import type { AttentionAttrs } from "./index.ts";

export const attentionReference: Reference<"q" | "k" | "v", AttentionAttrs> = (inputs, attrs, [y]) => {
  const { heads, kvHeads, scale, causal, length } = attrs;
  const q = floats(inputs, "q");
  const k = floats(inputs, "k");
  const v = floats(inputs, "v");
  const [frames, width] = inputs.q!.shape as readonly [number, number];
  const headDim = width / heads;
  const kvWidth = headDim * kvHeads;
  const scores = new Float64Array(length);
  const context = new Float64Array(headDim);

  for (let t = 0; t < frames; t++) {
    const visible = causal ? length - frames + t + 1 : length;
    for (let h = 0; h < heads; h++) {
      const query = t * width + h * headDim;
      const column = Math.floor((h * kvHeads) / heads) * headDim;

      let largest = -Infinity;
      for (let s = 0; s < visible; s++) {
        let dot = 0;
        for (let d = 0; d < headDim; d++) dot += q[query + d]! * k[s * kvWidth + column + d]!;
        scores[s] = dot * scale;
        largest = Math.max(largest, scores[s]!);
      }

      let total = 0;
      context.fill(0);
      for (let s = 0; s < visible; s++) {
        const weight = Math.exp(scores[s]! - largest);
        total += weight;
        for (let d = 0; d < headDim; d++) context[d] = context[d]! + weight * v[s * kvWidth + column + d]!;
      }
      for (let d = 0; d < headDim; d++) y![query + d] = context[d]! / total;
    }
  }
};
