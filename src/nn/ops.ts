/**
 * The operations that models are written in: TensorFlow.js's own where they suffice, our kernels elsewhere. All tensors are float32 [T, D] unless a shape is given; nothing here knows which backend runs.
 */
import type {
  KernelBackend,
  NamedAttrMap,
  NamedTensorMap,
  Tensor,
  TensorContainer,
} from "@tensorflow/tfjs-core";
import {
  attentionContext as contextKernel,
  attentionProbabilities as probabilitiesKernel,
  attentionScores as scoresKernel,
} from "../../kernels/ops/attention-parts/index.ts";
import type { ScoresAttrs } from "../../kernels/ops/attention-parts/index.ts";
import { attention as attentionKernel } from "../../kernels/ops/attention/index.ts";
import type { AttentionAttrs } from "../../kernels/ops/attention/index.ts";
import { cif as cifKernel } from "../../kernels/ops/cif/index.ts";
import type { CifAttrs } from "../../kernels/ops/cif/index.ts";
import { convTranspose as convTransposeKernel } from "../../kernels/ops/conv-transpose/index.ts";
import { fsmn as fsmnKernel } from "../../kernels/ops/fsmn/index.ts";
import { kvWrite as kvWriteKernel } from "../../kernels/ops/kv-write/index.ts";
import { layerNorm as layerNormKernel } from "../../kernels/ops/layer-norm/index.ts";
import { lstm as lstmKernel } from "../../kernels/ops/lstm/index.ts";
import type { LstmAttrs } from "../../kernels/ops/lstm/index.ts";
import { qkNormRope as qkNormRopeKernel } from "../../kernels/ops/qk-norm-rope/index.ts";
import type { QkNormRopeAttrs } from "../../kernels/ops/qk-norm-rope/index.ts";
import { rmsNorm as rmsNormKernel } from "../../kernels/ops/rms-norm/index.ts";
import { rope as ropeKernel } from "../../kernels/ops/rope/index.ts";
import type { RopeAttrs } from "../../kernels/ops/rope/index.ts";
import { swiglu as swigluKernel } from "../../kernels/ops/swiglu/index.ts";
import { topLabels as topLabelsKernel } from "../../kernels/ops/top-labels/index.ts";
import { unfold as unfoldKernel } from "../../kernels/ops/unfold/index.ts";
import * as tf from "../../kernels/tensorflow-js.ts";

export { integrate, tokenNumber } from "../../kernels/ops/cif/integrate.ts";

export type { Tensor };
/** Also true for a tensor of another copy of TensorFlow.js. */
export const isTensor = (x: unknown): x is Tensor => x instanceof tf.Tensor;

/** An optional method of a backend: reads a tensor into a given array. */
interface ReadsInto {
  readInto(dataId: object, target: Float32Array): void;
}

type KernelInputs = { readonly [name: string]: Tensor | undefined };

/** Runs one of our kernels on the current backend; it has one output or several. */
export function runAll(kernel: { readonly name: string }, inputs: KernelInputs, attrs: object): Tensor[] {
  const output: Tensor | Tensor[] = tf
    .engine()
    .runKernel(kernel.name, inputs as NamedTensorMap, attrs as NamedAttrMap);
  return Array.isArray(output) ? output : [output];
}

/** Runs one of our kernels that has one output. */
export function run(kernel: { readonly name: string }, inputs: KernelInputs, attrs: object): Tensor {
  return runAll(kernel, inputs, attrs)[0]!;
}

/** Does the current backend have this kernel? Some backends lack the fused ones. */
export function has(kernel: { readonly name: string }): boolean {
  return tf.getKernel(kernel.name, tf.getBackend()) !== undefined;
}

/** A tensor with these values. */
export function tensor(values: Float32Array, shape: readonly number[]): Tensor {
  return tf.tensor(values, [...shape], "float32");
}

/** Its values, when they are computed; a view or a copy, not to be written to. */
export async function values(x: Tensor): Promise<Float32Array> {
  return (await x.data()) as Float32Array;
}

/** The same, written into `target`, of the tensor's size. */
export async function valuesInto(x: Tensor, target: Float32Array): Promise<Float32Array> {
  const backend = tf.backend() as KernelBackend & Partial<ReadsInto>;
  if (backend.readInto === undefined) target.set(await values(x));
  else backend.readInto(x.dataId, target);
  return target;
}

export const add = (a: Tensor, b: Tensor): Tensor => tf.add(a, b);
export const scale = (x: Tensor, factor: number): Tensor => tf.mul(x, factor);
export const relu = (x: Tensor): Tensor => tf.relu(x);

/** Rows of all parts, one after the other. */
export const concatRows = (...parts: Tensor[]): Tensor => tf.concat(parts, 0); // [ΣT, D]

/** `count` rows from row `start` on. */
export const rows = (x: Tensor, start: number, count: number): Tensor =>
  tf.slice(x, [start, 0], [count, x.shape[1]!]); // [count, D]

/** `count` columns from column `start` on. */
export const columns = (x: Tensor, start: number, count: number): Tensor =>
  tf.slice(x, [0, start], [x.shape[0]!, count]); // [T, count]

/** Columns of all parts, side by side. */
export const concatColumns = (...parts: Tensor[]): Tensor => tf.concat(parts, 1); // [T, ΣD]

/** Equal parts of the columns. */
export const splitColumns = (x: Tensor, parts: number): Tensor[] => tf.split(x, parts, 1); // [T, D / parts] each

export const layerNorm = (x: Tensor, weight: Tensor, bias: Tensor, eps: number): Tensor =>
  run(layerNormKernel, { x, weight, bias }, { eps });

export const rmsNorm = (x: Tensor, weight: Tensor, eps: number): Tensor =>
  run(rmsNormKernel, { x, weight }, { eps });

export const rope = (x: Tensor, attrs: RopeAttrs): Tensor => run(ropeKernel, { x }, attrs);

export const qkNormRope = (x: Tensor, weight: Tensor, attrs: QkNormRopeAttrs): Tensor =>
  run(qkNormRopeKernel, { x, weight }, attrs);

export const attention = (q: Tensor, k: Tensor, v: Tensor, attrs: AttentionAttrs): Tensor =>
  run(attentionKernel, { q, k, v }, attrs);

/** q·kᵀ·scale per head: [heads, T, length]. */
export const attentionScores = (q: Tensor, k: Tensor, attrs: ScoresAttrs): Tensor =>
  run(scoresKernel, { q, k }, attrs);

/** Softmax of scores [heads, T, S] over what each query attends to. */
export const attentionProbabilities = (scores: Tensor, causal: boolean): Tensor =>
  run(probabilitiesKernel, { scores }, { causal });

/** The average of values [≥ S, kvHeads·d] by probabilities [heads, T, S]: [T, heads·d]. */
export const attentionContext = (probabilities: Tensor, v: Tensor, kvHeads: number): Tensor =>
  run(contextKernel, { probabilities, v }, { kvHeads });

/** Of each row of logits the best labels, their log probabilities, and the shift from logits to these. */
export function topLabels(
  logits: Tensor, // [T, V]
  count: number,
): { readonly labels: Tensor; readonly logProbs: Tensor; readonly shifts: Tensor } {
  const [labels, logProbs, shifts] = runAll(topLabelsKernel, { x: logits }, { count });
  return { labels: labels!, logProbs: logProbs!, shifts: shifts! }; // [T, count] twice, [T, 1]
}

export const reshape = (x: Tensor, shape: readonly number[]): Tensor => tf.reshape(x, [...shape]);

/** v + depthwise conv(v), `left` taps of the kernel lying in the past. */
export const fsmn = (v: Tensor, kernel: Tensor, left: number): Tensor =>
  run(fsmnKernel, { v, kernel }, { left });

/** The windows of a convolution over time as rows. */
export const unfold = (x: Tensor, left: number, right: number): Tensor =>
  run(unfoldKernel, { x }, { left, right }); // [T, C · (left + 1 + right)]

/** Each row becomes as many rows as `weight` [in, out, taps] has taps. */
export const convTranspose = (x: Tensor, weight: Tensor, bias: Tensor): Tensor =>
  run(convTransposeKernel, { x, weight, bias }, {}); // [T · taps, out]

/** The recurrent half of an LSTM layer, from the input's share of the gates. */
export const lstm = (x: Tensor, weight: Tensor, bias: Tensor, attrs: LstmAttrs): Tensor =>
  run(lstmKernel, { x, weight, bias }, attrs); // [T, 4·H] → [T, H]

/** Continuous integrate-and-fire: frames weighted by alphas [≥ T] become vectors. */
export const cif = (hidden: Tensor, alphas: Tensor, attrs: CifAttrs): Tensor =>
  run(cifKernel, { hidden, alphas }, attrs); // [tokens, D]

/** silu(gate) · up */
export const swiglu = (gate: Tensor, up: Tensor): Tensor => run(swigluKernel, { gate, up }, {});

/** The cache with `newRows` written from row `position` on. */
export const kvWrite = (cache: Tensor, newRows: Tensor, position: number): Tensor =>
  run(kvWriteKernel, { cache, rows: newRows }, { position });

export const zeros = (shape: readonly number[]): Tensor => tf.zeros([...shape]);

export const keep = (x: Tensor): Tensor => tf.keep(x);
export const tidy = <Result extends TensorContainer>(work: () => Result): Result => tf.tidy(work);
export const dispose = (x: TensorContainer): void => tf.dispose(x);
