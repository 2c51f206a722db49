/**
 * `Weights`: a cursor over a checkpoint, from which a model takes its modules by name and shape; and `block`, which
 * makes a function of a model's equation: named by its path, freed after itself, open to a hook.
 * After candle's VarBuilder.
 */
import {
  convTranspose,
  fsmn,
  layerNorm,
  lstm,
  qkNormRope,
  relu,
  rmsNorm,
  rope,
  run,
  splitColumns,
  tidy,
  unfold,
} from "./ops.ts";
import type { Tensor } from "./ops.ts";
import { linearFrom, linearOf } from "./linear.ts";
import type { Apply, Linear } from "./linear.ts";
import type { Parameter, Parameters } from "./parameters.ts";
import { emit, emitValues } from "./hook-point.ts";
import type { StageInfo, HookPoints } from "./hook-point.ts";
import { getRows } from "../../kernels/ops/get-rows/index.ts";
import { linearRows } from "../../kernels/ops/linear-rows/index.ts";

/**
 * A linear map, and the same for some of its outputs only: for heads as wide as a vocabulary. Whoever computes it, a
 * few rows at a time, offers its stage.
 */
export interface WideLinear {
  (x: Tensor): Tensor; // [T, in] → [T, out]
  readonly some: (x: Tensor, outputs: readonly number[]) => Tensor; // [T, in] → [T, outputs]
  readonly stage: HookPoint; // [T, out]
}

export type { Linear };

/** Root mean square norm of each head, then rotation by position. */
export type QkNormRope = (x: Tensor, position: number) => Tensor;

export interface QkNormRopeConfig {
  readonly heads: number;
  readonly headDim: number;
  readonly theta: number;
  readonly eps: number;
}

/** Rows before and behind that a convolution sees. */
export interface Window {
  readonly left: number;
  readonly right: number;
}

type StageDetails = Pick<StageInfo, "heads" | "gathered">;

/** A named value of a forward pass. */
export interface HookPoint {
  /** Does somebody listen? */
  readonly isWanted: boolean;
  /** Shows a value to the listener and returns what the pass goes on with. */
  emit(value: Tensor): Tensor;
  /** The same for values that are no tensor. */
  emitValues(data: Float32Array, shape?: readonly number[]): Promise<Float32Array>;
}

interface LinearOptions {
  readonly bias?: boolean;
}

export class Weights {
  readonly path: string;
  readonly #parameters: Parameters;
  readonly #hooks: HookPoints;
  /** How many rows the results of modules here have; a letter for what the input decides. */
  readonly rows: string | number;
  #width: number | undefined;

  constructor(parameters: Parameters, hooks: HookPoints, path = "", rows: string | number = "T") {
    this.#parameters = parameters;
    this.#hooks = hooks;
    this.path = path;
    this.rows = rows;
  }

  /** The cursor one level down: `at("encoders.3").at("norm1")` is at `….encoders.3.norm1`. */
  at(name: string | number): Weights {
    return new Weights(this.#parameters, this.#hooks, this.#join(name), this.rows);
  }

  /** The same cursor, for modules whose results have this many rows: a number, or a letter for what the input decides. */
  withRows(rows: string | number): Weights {
    return new Weights(this.#parameters, this.#hooks, this.path, rows);
  }

  /** Says how wide the result of the block at this cursor is, where that is not the width of its last part. */
  returns(width: number): void {
    this.#width = width;
  }

  /** Is there a tensor of this name below the cursor? For parts that a checkpoint may lack. */
  has(name: string): boolean {
    return this.#parameters.has(this.#join(name));
  }

  /** Lets the checkpoint keep a tensor that inference has no use for. */
  unused(name: string): void {
    this.#parameters.ignore(this.#join(name));
  }

  /** A plain float32 tensor. */
  values(name: string, shape: readonly number[]): Parameter {
    return this.#parameters.request(this.#join(name), shape, "values");
  }

  /** The matrix `name.weight` [out, in] alone, for a kernel that takes it whole. */
  matrix(name: string, outFeatures: number, inFeatures: number): Parameter {
    return this.#parameters.request(`${this.#join(name)}.weight`, [outFeatures, inFeatures], "matrix");
  }

  /** `name.weight` [out, in] and `name.bias` [out]. */
  linear(name: string, inFeatures: number, outFeatures: number, options: LinearOptions = {}): Linear {
    return linearFrom(this.#linears([name], inFeatures, [outFeatures], options));
  }

  /** The same, of which single rows and outputs can be had. */
  wideLinear(name: string, inFeatures: number, outFeatures: number): WideLinear {
    const weight = this.matrix(name, outFeatures, inFeatures);
    const bias = this.values(`${name}.bias`, [outFeatures]);
    const shape = { rows: outFeatures, columns: inFeatures };
    return Object.assign((x: Tensor) => linearOf([weight], [bias], x, "none")[0]!, {
      stage: this.stage(name, outFeatures),
      some: (x: Tensor, ids: readonly number[]): Tensor => {
        const inputs = { x, weight: weight.tensor, bias: bias.tensor };
        return run(linearRows, inputs, { format: weight.format, ...shape, ids });
      },
    });
  }

  /** One linear map whose columns are several results side by side, each a stage of its own. */
  fusedLinear(
    name: string,
    parts: readonly string[],
    inFeatures: number,
    outFeatures: number,
  ): (x: Tensor) => Tensor[] {
    const apply = this.linear(name, inFeatures, parts.length * outFeatures);
    const stages = parts.map((part) => this.stage(part, outFeatures));
    return (x) => splitColumns(apply(x), parts.length).map((y, i) => stages[i]!.emit(y));
  }

  /** Several linear maps of the same input, computed together. */
  parallelLinears(
    names: readonly string[],
    inFeatures: number,
    outFeatures: readonly number[],
    options: LinearOptions = {},
  ): (x: Tensor) => Tensor[] {
    const apply = this.#linears(names, inFeatures, outFeatures, options);
    return (x) => apply(x, "none");
  }

  /** Convolution over time with zero padding: `name.weight` [out, in, left + 1 + right] and `name.bias` [out]. */
  conv1d(name: string, inChannels: number, outChannels: number, { left, right }: Window): Linear {
    const path = this.#join(name);
    const shape = [outChannels, inChannels, left + 1 + right];
    const weight = this.#parameters.request(`${path}.weight`, shape, "matrix");
    const bias = this.values(`${name}.bias`, [outChannels]);
    this.#declare(name, outChannels);
    return linearFrom(this.#grouped([path], [weight], [bias]), (x) => unfold(x, left, right));
  }

  /** Transposed convolution over time with stride `taps`: `name.weight` [in, out, taps] and `name.bias` [out]. */
  convTranspose1d(
    name: string,
    inChannels: number,
    outChannels: number,
    taps: number,
  ): (x: Tensor) => Tensor {
    const weight = this.values(`${name}.weight`, [inChannels, outChannels, taps]);
    const bias = this.values(`${name}.bias`, [outChannels]);
    return this.#staged(name, outChannels, (x) => convTranspose(x, weight.tensor, bias.tensor)); // [T, in] → [T · taps, out]
  }

  /** One direction of an LSTM layer: `weight_ih_l0…` [4·size, in], `weight_hh_l0…` [4·size, size], two biases. */
  lstm(inFeatures: number, size: number, { reverse }: { readonly reverse: boolean }): (x: Tensor) => Tensor {
    const suffix = reverse ? "l0_reverse" : "l0";
    const request = (name: string, ...shape: number[]): Parameter => this.values(`${name}_${suffix}`, shape);
    const inputPath = this.#join(`weight_ih_${suffix}`);
    const inputWeight = this.#parameters.request(inputPath, [4 * size, inFeatures], "matrix");
    const inputBias = request("bias_ih", 4 * size);
    const weight = request("weight_hh", 4 * size, size);
    const bias = request("bias_hh", 4 * size);
    return (x) => {
      const gates = linearOf([inputWeight], [inputBias], x, "none")[0]!; // [T, 4·size]
      return lstm(gates, weight.tensor, bias.tensor, reverse); // [T, size]
    };
  }

  /** Rows of the table `name.weight` [rows, size]. */
  embedding(name: string, rows: number, size: number): (ids: readonly number[]) => Tensor {
    const table = this.#parameters.request(this.#join(`${name}.weight`), [rows, size], "matrix");
    return (ids) => run(getRows, { table: table.tensor }, { format: table.format, rows, columns: size, ids });
  }

  /** The output map `name` of a model that has none of its own and reuses a table [rows, size]: y = x·Eᵀ. */
  tiedHead(name: string, table: string, rows: number, size: number): (x: Tensor) => Tensor {
    const weight = this.#parameters.request(this.#join(`${table}.weight`), [rows, size], "matrix");
    return this.#staged(name, rows, (x) => linearOf([weight], [undefined], x, "none")[0]!);
  }

  layerNorm(name: string, size: number, eps: number): (x: Tensor) => Tensor {
    const weight = this.values(`${name}.weight`, [size]);
    const bias = this.values(`${name}.bias`, [size]);
    return this.#staged(name, size, (x) => layerNorm(x, weight.tensor, bias.tensor, eps));
  }

  rmsNorm(name: string, size: number, eps: number): (x: Tensor) => Tensor {
    const weight = this.values(`${name}.weight`, [size]);
    return this.#staged(name, size, (x) => rmsNorm(x, weight.tensor, eps));
  }

  /** Norm and rotation in one step, unless somebody wants to see the norm alone. The stage `rotated` is after both. */
  qkNormRope(name: string, rotated: string, { heads, headDim, theta, eps }: QkNormRopeConfig): QkNormRope {
    const weight = this.values(`${name}.weight`, [headDim]);
    const normed = this.stage(name, heads * headDim);
    const turned = this.stage(rotated, heads * headDim);
    return (x, position) => {
      if (!normed.isWanted)
        return turned.emit(qkNormRope(x, weight.tensor, { eps, headDim, theta, position }));
      const y = normed.emit(rmsNorm(x, weight.tensor, eps));
      return turned.emit(rope(y, { headDim, theta, position }));
    };
  }

  /** The FSMN memory with its identity, v + conv(v): `name.weight` [C, K], centered unless `left` says otherwise. */
  fsmn(name: string, channels: number, taps: number, left = (taps - 1) / 2): (v: Tensor) => Tensor {
    const kernel = this.values(`${name}.weight`, [channels, taps]);
    return this.#staged(name, channels, (v) => fsmn(v, kernel.tensor, left));
  }

  /** A stage that is no module's result, of rows of this width; `[…]` is a whole shape, "" this cursor's own path. */
  stage(name: string, width: number | StageInfo["shape"], more: StageDetails = {}): HookPoint {
    const path = this.#join(name);
    this.#declare(name, width, more);
    const hooks = this.#hooks;
    return {
      get isWanted() {
        return hooks.wants(path);
      },
      emit: (value) => emit(hooks, path, value),
      emitValues: (data, shape = [data.length]) => emitValues(hooks, path, shape, data),
    };
  }

  /** Does somebody listen to a stage here or below? */
  get watched(): boolean {
    return this.#hooks.wantsAny(this.path);
  }

  /** Runs a decoder's pass over new tokens: see {@link HookPoints.pass}. */
  inPass<Result>(pass: number, work: () => Result): Result {
    const before = this.#hooks.pass;
    this.#hooks.pass = pass;
    try {
      return work();
    } finally {
      this.#hooks.pass = before;
    }
  }

  /** Announces the block at this cursor, whose parts have been announced. */
  declareBlock(): void {
    const { stages } = this.#hooks;
    const width = this.#width ?? stages.at(-1)?.shape.at(-1) ?? 0;
    stages.push({ name: this.path, shape: [this.rows, width], block: true });
  }

  /** Offers a value as the stage at this cursor. */
  emitOutput(value: Tensor): Tensor {
    return emit(this.#hooks, this.path, value);
  }

  #linears(
    names: readonly string[],
    inFeatures: number,
    outFeatures: readonly number[],
    { bias = true }: LinearOptions,
  ): Apply {
    const paths = names.map((name) => this.#join(name));
    const weights = paths.map((path, i) =>
      this.#parameters.request(`${path}.weight`, [outFeatures[i]!, inFeatures], "matrix"),
    );
    const biases = paths.map((path, i) =>
      bias ? this.#parameters.request(`${path}.bias`, [outFeatures[i]!], "values") : undefined,
    );
    for (const [i, name] of names.entries()) this.#declare(name, outFeatures[i]!);
    return this.#grouped(paths, weights, biases);
  }

  #grouped(
    paths: readonly string[],
    weights: readonly Parameter[],
    biases: readonly (Parameter | undefined)[],
  ): Apply {
    return (x, activation) => {
      // A stage is the linear map itself, before the rectifier: with a listener the two are computed apart.
      if (!paths.some((path) => this.#hooks.wants(path))) return linearOf(weights, biases, x, activation);
      const seen = linearOf(weights, biases, x, "none").map((y, i) => emit(this.#hooks, paths[i]!, y));
      return activation === "relu" ? seen.map(relu) : seen;
    };
  }

  #staged(name: string, width: number, apply: (x: Tensor) => Tensor): (x: Tensor) => Tensor {
    const path = this.#join(name);
    this.#declare(name, width);
    return (x) => emit(this.#hooks, path, apply(x));
  }

  #declare(name: string, width: number | StageInfo["shape"], more: StageDetails = {}): void {
    const shape = typeof width === "number" ? [this.rows, width] : width;
    this.#hooks.stages.push({ name: this.#join(name), shape, block: false, ...more });
  }

  #join(name: string | number): string {
    if (name === "") return this.path;
    return this.path === "" ? `${name}` : `${this.path}.${name}`;
  }
}

/** A named piece of a model: built once from its weights, then called. It frees what it made, and can be tapped. */
export function block<Config extends unknown[], In extends unknown[]>(
  build: (w: Weights, ...config: Config) => (...inputs: In) => Tensor,
): (w: Weights, ...config: Config) => (...inputs: In) => Tensor {
  return (w, ...config) => {
    const forward = build(w, ...config);
    w.declareBlock();
    return (...inputs) => tidy(() => w.emitOutput(forward(...inputs)));
  };
}
