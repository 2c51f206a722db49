/**
 * `Weights`: a cursor over a checkpoint, from which a model takes its modules by name and shape; and `block`, which
 * makes a function of a model's equation: named by its path, freed after itself, open to a tap.
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
  runAll,
  tidy,
  unfold,
} from "./ops.ts";
import type { Tensor } from "./ops.ts";
import type { Parameter, Parameters } from "./parameters.ts";
import { offer } from "./tap.ts";
import type { TapPoint } from "./tap.ts";
import { getRows } from "../../kernels/get-rows/index.ts";
import { biasNames, linear as linearKernel, weightNames } from "../../kernels/linear/index.ts";
import type { Activation } from "../../kernels/linear/index.ts";

/** y = W·x + b, and the same with a rectifier behind it. */
export interface Linear {
  (x: Tensor): Tensor;
  readonly relu: (x: Tensor) => Tensor;
}

/** Root mean square norm of each head, then rotation by position. */
export type HeadNorm = (x: Tensor, position: number) => Tensor;

export interface HeadNormConfig {
  readonly headDim: number;
  readonly theta: number;
  readonly eps: number;
}

/** Rows before and behind that a convolution sees. */
export interface Window {
  readonly left: number;
  readonly right: number;
}

type Apply = (x: Tensor, activation: Activation) => Tensor[];

interface LinearOptions {
  readonly bias?: boolean;
}

export class Weights {
  readonly path: string;
  readonly #parameters: Parameters;
  readonly #taps: TapPoint;

  constructor(parameters: Parameters, taps: TapPoint, path = "") {
    this.#parameters = parameters;
    this.#taps = taps;
    this.path = path;
  }

  /** The cursor one level down: `at("encoders.3").at("norm1")` is at `….encoders.3.norm1`. */
  at(name: string | number): Weights {
    return new Weights(this.#parameters, this.#taps, this.#join(name));
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

  /** Several linear maps of the same input, computed together. */
  linears(
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
    return this.#staged(name, (x) => convTranspose(x, weight.tensor, bias.tensor)); // [T, in] → [T · taps, out]
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
    return this.#staged(name, (x) => linearOf([weight], [undefined], x, "none")[0]!);
  }

  layerNorm(name: string, size: number, eps: number): (x: Tensor) => Tensor {
    const weight = this.values(`${name}.weight`, [size]);
    const bias = this.values(`${name}.bias`, [size]);
    return this.#staged(name, (x) => layerNorm(x, weight.tensor, bias.tensor, eps));
  }

  rmsNorm(name: string, size: number, eps: number): (x: Tensor) => Tensor {
    const weight = this.values(`${name}.weight`, [size]);
    return this.#staged(name, (x) => rmsNorm(x, weight.tensor, eps));
  }

  /** Norm and rotation in one step, unless somebody wants to see the norm alone. */
  headNorm(name: string, { headDim, theta, eps }: HeadNormConfig): HeadNorm {
    const weight = this.values(`${name}.weight`, [headDim]);
    const path = this.#join(name);
    return (x, position) => {
      if (!this.#wanted(path)) return qkNormRope(x, weight.tensor, { eps, headDim, theta, position });
      const normed = offer(this.#taps, path, rmsNorm(x, weight.tensor, eps));
      return rope(normed, { headDim, theta, position });
    };
  }

  /** The FSMN memory with its identity, v + conv(v): `name.weight` [C, K], centred unless `left` says otherwise. */
  fsmn(name: string, channels: number, taps: number, left = (taps - 1) / 2): (v: Tensor) => Tensor {
    const kernel = this.values(`${name}.weight`, [channels, taps]);
    return this.#staged(name, (v) => fsmn(v, kernel.tensor, left));
  }

  /** Does nobody listen to this model at all? */
  get silent(): boolean {
    return this.#taps.tap === undefined;
  }

  /** Does somebody listen to the stage at this cursor? */
  get watched(): boolean {
    return this.#wanted(this.path);
  }

  /** Offers a value as the stage at this cursor. */
  tapped(value: Tensor): Tensor {
    return offer(this.#taps, this.path, value);
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
    return this.#grouped(paths, weights, biases);
  }

  #grouped(
    paths: readonly string[],
    weights: readonly Parameter[],
    biases: readonly (Parameter | undefined)[],
  ): Apply {
    return (x, activation) => {
      // A stage is the linear map itself, before the rectifier: with a listener the two are computed apart.
      if (!paths.some((path) => this.#wanted(path))) return linearOf(weights, biases, x, activation);
      const seen = linearOf(weights, biases, x, "none").map((y, i) => offer(this.#taps, paths[i]!, y));
      return activation === "relu" ? seen.map(relu) : seen;
    };
  }

  #staged(name: string, apply: (x: Tensor) => Tensor): (x: Tensor) => Tensor {
    const path = this.#join(name);
    return (x) => offer(this.#taps, path, apply(x));
  }

  #wanted(path: string): boolean {
    return this.#taps.tap?.wants(path) ?? false;
  }

  #join(name: string | number): string {
    return this.path === "" ? `${name}` : `${this.path}.${name}`;
  }
}

function linearFrom(apply: Apply, prepare: (x: Tensor) => Tensor = (x) => x): Linear {
  const linear = (x: Tensor): Tensor => apply(prepare(x), "none")[0]!;
  return Object.assign(linear, { relu: (x: Tensor): Tensor => apply(prepare(x), "relu")[0]! });
}

function linearOf(
  weights: readonly Parameter[],
  biases: readonly (Parameter | undefined)[],
  x: Tensor,
  activation: Activation,
): Tensor[] {
  const inputs: { [name: string]: Tensor | undefined } = { x };
  for (const [i, weight] of weights.entries()) {
    inputs[weightNames[i]!] = weight.tensor;
    inputs[biasNames[i]!] = biases[i]?.tensor;
  }
  const attrs = {
    formats: weights.map(({ format }) => format),
    outFeatures: weights.map(({ rows }) => rows),
    inFeatures: weights[0]!.columns,
    activation,
  };
  return runAll(linearKernel, inputs, attrs);
}

/** A named piece of a model: built once from its weights, then called. It frees what it made, and can be tapped. */
export function block<Config extends unknown[], In extends unknown[]>(
  build: (w: Weights, ...config: Config) => (...inputs: In) => Tensor,
): (w: Weights, ...config: Config) => (...inputs: In) => Tensor {
  return (w, ...config) => {
    const forward = build(w, ...config);
    return (...inputs) => tidy(() => w.tapped(forward(...inputs)));
  };
}
