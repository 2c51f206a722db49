/**
 * Logits of the hidden states after each layer: these go through the final norms and the head, as the last one does.
 * nostalgebraist, "interpreting GPT: the logit lens" (2020); for a CTC head, it shows at which layer a label appears.
 */
import type { Tensor } from "../nn/index.ts";

export interface Lens {
  /** The layers' stages, in the order of the forward pass; the last is the model's own input of the head. */
  readonly layers: readonly string[];
  /** Rows of such a stage [rows, D] → logits [rows, V]. */
  read(hidden: Tensor, layer: string): Tensor;
}
