/**
 * The useful part of a softmax as wide as a vocabulary: in each row of logits [T, V] the most probable labels, the lowest
 * of equals first, their log probabilities, and the shift log Σ e^x between a row's logits and its log probabilities,
 * from which those of any other label follow. The matrix of log probabilities is never computed.
 */
import { demand, matrix } from "../../kernel.ts";
import type { KernelDefinition } from "../../kernel.ts";

export interface TopLabelsAttrs {
  /** Labels of each row, 1 to V. */
  readonly count: number;
}

/** {x [T, V]} → labels [T, count], log probabilities [T, count], shifts [T, 1] */
export const topLabels: KernelDefinition<"x", TopLabelsAttrs> = {
  name: "TopLabels",
  outputs: (inputs, { count }) => {
    const [rows, width] = matrix("TopLabels", inputs, "x");
    const fits = Number.isInteger(count) && count >= 1 && count <= width && width <= 2 ** 24;
    demand(fits, "TopLabels", `${count} of ${width} labels`, "1 to all of at most 2^24");
    return [
      [rows, count],
      [rows, count],
      [rows, 1],
    ];
  },
};
