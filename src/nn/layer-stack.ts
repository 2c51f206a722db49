/**
 * Stacks of layers that can be interrupted: between two layers other jobs get a turn, progress is shown and an abort is
 * noticed.
 */
import { dispose, tidy } from "./ops.ts";
import type { Tensor } from "./ops.ts";

/** Called before each layer; throws to stop. */
export type BetweenSteps = (done: number, total: number) => Promise<void>;

/** Applies the layers to x one by one and frees the values between them; x itself stays the caller's. */
export async function runLayers(
  layers: readonly ((x: Tensor) => Tensor)[],
  x: Tensor,
  turn: BetweenSteps,
): Promise<Tensor> {
  let current = x;
  try {
    for (const [i, layer] of layers.entries()) {
      await turn(i, layers.length);
      const next = tidy(() => layer(current));
      if (current !== x) dispose(current);
      current = next;
    }
  } catch (error) {
    if (current !== x) dispose(current);
    throw error;
  }
  return current;
}
