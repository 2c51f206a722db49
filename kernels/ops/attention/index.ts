/**
 * Scaled dot-product attention, softmax(q·kᵀ·scale)·v per head, with grouped queries: query head h reads key/value
 * head ⌊h / (heads / kvHeads)⌋. Only the first `length` rows of k and v count, so that a cache can be longer than its
 * content. Causal: the queries are the last T of the `length` positions and attend to none after themselves.
 * Vaswani et al., arXiv:1706.03762; Ainslie et al. (GQA), arXiv:2305.13245.
 */
import { demand, matrix } from "../../kernel.ts";
import type { KernelDefinition } from "../../kernel.ts";

export interface AttentionAttrs {
  readonly heads: number;
  readonly kvHeads: number;
  readonly scale: number;
  readonly causal: boolean;
  /** Rows of k and v in use. */
  readonly length: number;
}

/** {q [T, heads·D], k [S, kvHeads·D], v [S, kvHeads·D]} → [T, heads·D] */
export const attention: KernelDefinition<"q" | "k" | "v", AttentionAttrs> = {
  name: "Attention",
  outputs: (inputs, { heads, kvHeads, causal, length }) => {
    const [rows, width] = matrix("Attention", inputs, "q");
    demand(
      width % heads === 0 && heads % kvHeads === 0,
      "Attention",
      `${heads} heads over ${kvHeads}`,
      `a divisor of ${width}`,
    );
    const kvWidth = (width / heads) * kvHeads;
    for (const name of ["k", "v"] as const) {
      const [capacity, columns] = matrix("Attention", inputs, name);
      const fits = columns === kvWidth && length <= capacity && length >= (causal ? rows : 1);
      demand(
        fits,
        "Attention",
        `${name} is [${capacity}, ${columns}] with ${length} rows in use`,
        `width ${kvWidth} and that many rows`,
      );
    }
    return [[rows, width]];
  },
};
