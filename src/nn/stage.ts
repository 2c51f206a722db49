/** What hooks can see of a model: its named values and blocks, announced as it is built and emitted as it runs. */
import { emit, emitValues } from "./hook-point.ts";
import type { StageInfo } from "./hook-point.ts";
import { tidy } from "./ops.ts";
import type { Tensor } from "./ops.ts";
import type { Weights } from "./weights.ts";

/** A named value of a forward pass. */
export interface HookPoint {
  /** Does the current hook want it? */
  readonly isWanted: boolean;
  /** Passes a value to the hook and returns the value that the pass continues with. */
  emit(value: Tensor): Tensor;
  /** The same for values outside of tensors. */
  emitValues(data: Float32Array, shape?: readonly number[]): Promise<Float32Array>;
}

type StageDetails = Pick<StageInfo, "heads" | "gathered">;

/** Announces a stage with rows of this width; `[…]` is a whole shape, "" the cursor's own path. */
export function stage(
  w: Weights,
  name: string,
  width: number | StageInfo["shape"],
  details: StageDetails = {},
): HookPoint {
  const { hooks } = w;
  const path = w.join(name);
  const shape = typeof width === "number" ? [w.rows, width] : width;
  hooks.stages.push({ name: path, shape, block: false, ...details });
  return {
    get isWanted() {
      return hooks.wants(path);
    },
    emit: (value) => emit(hooks, path, value),
    emitValues: (data, shape = [data.length]) => emitValues(hooks, path, shape, data),
  };
}

/** Does the current hook want a stage at the cursor or below it? */
export function isWatched({ hooks, path }: Weights): boolean {
  return hooks.wantsAny(path);
}

/** States the width of the result of the block at the cursor, where it is not the width of the block's last part. */
export function returns({ hooks, path }: Weights, width: number): void {
  hooks.widths.set(path, width);
}

/** A part of a model: its equation, and the modules in it that a fused kernel replaces. */
type Equation<In extends unknown[], Parts> = ((...inputs: In) => Tensor) & { readonly parts?: Parts };

/**
 * A named part of a model: built once from its weights, then called. Its result is a stage at the cursor's path, and
 * what lies between its inputs and its result is freed.
 */
export function block<Config extends unknown[], In extends unknown[], Parts>(
  build: (w: Weights, ...config: Config) => Equation<In, Parts>,
): (w: Weights, ...config: Config) => ((...inputs: In) => Tensor) & { readonly parts: Parts } {
  return (w, ...config) => {
    const equation = build(w, ...config);
    const output = announceBlock(w);
    const forward = (...inputs: In): Tensor => tidy(() => output(equation(...inputs)));
    return Object.assign(forward, { parts: equation.parts as Parts });
  };
}

/** A block whose layers are called one by one; the result of the last is the block's. */
export function blockOfLayers(
  w: Weights,
  layers: readonly ((x: Tensor) => Tensor)[],
): ((x: Tensor) => Tensor)[] {
  const output = announceBlock(w);
  const last = layers.at(-1)!;
  return [...layers.slice(0, -1), (x) => output(last(x))];
}

/** Announces the block at the cursor, after its parts; returns the function that emits its result. */
function announceBlock({ hooks, path, rows }: Weights): (result: Tensor) => Tensor {
  const width = hooks.widths.get(path) ?? hooks.stages.at(-1)?.shape.at(-1) ?? 0;
  hooks.stages.push({ name: path, shape: [rows, width], block: true });
  return (result) => emit(hooks, path, result);
}
