/**
 * Long stacks of layers without long silences: between two layers the event loop gets a turn, so that progress can be
 * shown and an abort is noticed within one layer.
 */
import { dispose, tidy } from "./ops.ts";
import type { Tensor } from "./ops.ts";

/** Called before each layer; throws to stop. */
export type BetweenSteps = (done: number, total: number) => Promise<void>;

/** Feeds x through the layers one by one and frees what lies between; x itself stays the caller's. */
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
