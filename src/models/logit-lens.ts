/**
 * Intermediate states read as if they were the last: through the norms that are still to come and the head.
 * nostalgebraist, "interpreting GPT: the logit lens" (2020); for a CTC head, one asks when the encoder knows the word.
 */
import type { Tensor } from "../nn/index.ts";

export interface Lens {
  /** The stages that can be read, in the order of the forward pass; the last is what the head reads anyway. */
  readonly layers: readonly string[];
  /** Rows of such a stage [rows, D] → logits [rows, V]. */
  read(hidden: Tensor, layer: string): Tensor;
}
