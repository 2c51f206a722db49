/**
 * Listening to a model: every named module and step of a forward pass offers its output under its path, the same path
 * that its weights have. Nothing is offered while nobody listens.
 */
import { dispose, tensor, tidy, values } from "./ops.ts";
import type { Tensor } from "./ops.ts";

export interface Hook {
  /**
   * Does the listener want this stage? Asked before anything is computed for its sake. `pass` is 0 for the audio and
   * the prompt; the decoder's stages come again, with a row for each new token, in pass 1, 2, ….
   */
  wants(path: string, pass: number): boolean;
  /**
   * Sees the stage's value, which lives until this call returns. A tensor given back takes its place in the rest of
   * the forward pass (an intervention); it is freed with the stage that it replaced. What this throws ends the pass.
   */
  onTensor(path: string, value: Tensor, pass: number): Tensor | void;
  /**
   * Takes a stage's values from plain memory, without a tensor: for a listener that changes nothing, and is done with
   * them when the promise is kept. Without it, {@link onTensor} gets them.
   */
  onValues?(path: string, shape: readonly number[], values: Float32Array, pass: number): Promise<void>;
  /** Awaited between layers and tokens: for a listener that must not fall behind. */
  flush?(): Promise<void>;
}

/** A stage as the model announces it. */
export interface StageInfo {
  readonly name: string;
  /** Row-major; a string where the length depends on the input: samples S, frames F, feature rows T, prompt L, tokens N. */
  readonly shape: readonly (number | string)[];
  /** Is it made of the stages whose names continue its own? */
  readonly block: boolean;
  /** Set where the columns are attention heads, side by side. */
  readonly heads?: number | undefined;
  /** Gathered from all passes, when the last is over. */
  readonly gathered?: boolean | undefined;
}

/** Where a model's modules announce their stages as it is built, and look for the listener of the moment as it runs. */
export class HookPoints {
  hook: Hook | undefined;
  /** See {@link Hook.wants}. */
  pass = 0;
  /** In the order of the forward pass. */
  readonly stages: StageInfo[] = [];

  wants(path: string): boolean {
    return this.hook?.wants(path, this.pass) ?? false;
  }

  /** Does somebody listen to any stage of this name or below it? */
  wantsAny(prefix: string): boolean {
    const { hook } = this;
    const below = (name: string): boolean => name === prefix || name.startsWith(`${prefix}.`);
    return hook !== undefined && this.stages.some(({ name }) => below(name) && hook.wants(name, this.pass));
  }
}

/** Offers a value under its path and returns what the forward pass goes on with. */
export function emit(point: HookPoints, path: string, value: Tensor): Tensor {
  if (!point.wants(path)) return value;
  return point.hook?.onTensor(path, value, point.pass) ?? value;
}

/** The same for values that are no tensor; they may be written to afterwards. */
export async function emitValues(
  point: HookPoints,
  path: string,
  shape: readonly number[],
  data: Float32Array,
): Promise<Float32Array> {
  if (!point.wants(path)) return data;
  if (point.hook?.onValues !== undefined) {
    await point.hook.onValues(path, shape, data, point.pass);
    return data;
  }
  const offered = tensor(data.slice(), shape); // a backend may keep the very array
  try {
    const heard = tidy(() => emit(point, path, offered));
    if (heard === offered) return data;
    const replaced = (await values(heard)).slice();
    dispose(heard);
    return replaced;
  } finally {
    dispose(offered);
  }
}
