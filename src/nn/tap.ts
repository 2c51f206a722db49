/**
 * Listening to a model: every named module and step of a forward pass offers its output under its path, the same path
 * that its weights have. Nothing is offered while nobody listens.
 */
import type { Tensor } from "./ops.ts";

export interface Tap {
  /** Does the listener want this stage? Asked before anything is computed for its sake. */
  wants(path: string): boolean;
  /**
   * Sees the stage's value, which lives until this call returns. A tensor given back takes its place in the rest of
   * the forward pass (an intervention); it is freed with the stage that it replaced.
   */
  see(path: string, value: Tensor): Tensor | void;
}

/** Where a model's modules look for the listener of the moment. */
export interface TapPoint {
  tap: Tap | undefined;
}

/** Offers a value under its path and returns what the forward pass goes on with. */
export function offer(point: TapPoint, path: string, value: Tensor): Tensor {
  const { tap } = point;
  if (tap === undefined || !tap.wants(path)) return value;
  return tap.see(path, value) ?? value;
}
