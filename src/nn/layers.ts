/** The layers of models other than linear maps, made of their weights below a cursor; each is a stage of its name. */
import { getRows } from "../../kernels/ops/get-rows/index.ts";
import { multiply } from "./linear.ts";
import type { Parametrized } from "./linear.ts";
import * as ops from "./ops.ts";
import type { Tensor } from "./ops.ts";
import { stage } from "./stage.ts";
import type { Weights } from "./weights.ts";

/** A layer of one input, and its parameters. */
export type Layer = ((x: Tensor) => Tensor) & Parametrized;

/** Root mean square norm of each head, then rotation by position. */
export type QkNormRope = ((x: Tensor, position: number) => Tensor) & Parametrized;

export interface QkNormRopeConfig {
  readonly heads: number;
  readonly headDim: number;
  readonly theta: number;
  readonly eps: number;
}

/** Transposed convolution over time with stride `taps`: `name.weight` [in, out, taps] and `name.bias` [out]. */
export function convTranspose1d(
  w: Weights,
  name: string,
  inChannels: number,
  outChannels: number,
  taps: number,
): Layer {
  const weight = w.values(`${name}.weight`, [inChannels, outChannels, taps]);
  const bias = w.values(`${name}.bias`, [outChannels]);
  const apply = (x: Tensor): Tensor => ops.convTranspose(x, weight.tensor, bias.tensor); // [T, in] → [T · taps, out]
  return layer(w, name, outChannels, { weight, bias }, apply);
}

/**
 * One direction of an LSTM's layer: `weight_ih_l0…` [4·size, in], `weight_hh_l0…` [4·size, size], two biases. `lengths` are
 * the rows of each sequence where x has several.
 */
export function lstm(
  w: Weights,
  inFeatures: number,
  size: number,
  { layer: number = 0, reverse }: { readonly layer?: number; readonly reverse: boolean },
): (x: Tensor, lengths?: readonly number[]) => Tensor {
  const suffix = reverse ? `l${number}_reverse` : `l${number}`;
  const input = {
    weight: w.matrix(`weight_ih_${suffix}`, [4 * size, inFeatures]),
    bias: w.values(`bias_ih_${suffix}`, [4 * size]),
  };
  const weight = w.values(`weight_hh_${suffix}`, [4 * size, size]);
  const bias = w.values(`bias_hh_${suffix}`, [4 * size]);
  return (x, lengths) => {
    const gates = multiply([input], x)[0]!; // [T, 4·size]
    return ops.lstm(gates, weight.tensor, bias.tensor, { reverse, lengths }); // [T, size]
  };
}

/** Rows of the table `name.weight` [rows, size]. */
export function embedding(
  w: Weights,
  name: string,
  rows: number,
  size: number,
): (ids: readonly number[]) => Tensor {
  const table = w.matrix(`${name}.weight`, [rows, size]);
  return (ids) =>
    ops.run(getRows, { table: table.tensor }, { format: table.format, rows, columns: size, ids });
}

export function layerNorm(w: Weights, name: string, size: number, eps: number): Layer {
  const weight = w.values(`${name}.weight`, [size]);
  const bias = w.values(`${name}.bias`, [size]);
  return layer(w, name, size, { weight, bias }, (x) => ops.layerNorm(x, weight.tensor, bias.tensor, eps));
}

export function rmsNorm(w: Weights, name: string, size: number, eps: number): Layer {
  const weight = w.values(`${name}.weight`, [size]);
  return layer(w, name, size, { weight }, (x) => ops.rmsNorm(x, weight.tensor, eps));
}

/** Norm and rotation in one kernel, unless a hook wants the norm alone. The stage `rotated` is after both. */
export function qkNormRope(
  w: Weights,
  name: string,
  rotated: string,
  { heads, headDim, theta, eps }: QkNormRopeConfig,
): QkNormRope {
  const weight = w.values(`${name}.weight`, [headDim]);
  const afterNorm = stage(w, name, heads * headDim);
  const afterRotation = stage(w, rotated, heads * headDim);
  const apply = (x: Tensor, position: number): Tensor => {
    if (!afterNorm.isWanted)
      return afterRotation.emit(ops.qkNormRope(x, weight.tensor, { eps, headDim, theta, position }));
    const y = afterNorm.emit(ops.rmsNorm(x, weight.tensor, eps));
    return afterRotation.emit(ops.rope(y, { headDim, theta, position }));
  };
  return Object.assign(apply, { weight });
}

/** The FSMN memory with its identity, v + conv(v): `name.weight` [C, K], of which `left` taps are before a row. */
export function fsmn(w: Weights, name: string, channels: number, taps: number, left: number): Layer {
  const weight = w.values(`${name}.weight`, [channels, taps]);
  return layer(w, name, channels, { weight }, (v) => ops.fsmn(v, weight.tensor, left));
}

function layer(
  w: Weights,
  name: string,
  width: number,
  parameters: Parametrized,
  apply: (x: Tensor) => Tensor,
): Layer {
  const point = stage(w, name, width);
  return Object.assign((x: Tensor) => point.emit(apply(x)), parameters);
}
