/**
 * DecoderLayer in WebAssembly: the kernels of its parts on scratch memory, as one list of jobs, without tensors in
 * between. In decoding the list is the same at every step except for the position: it is recorded once for each cache.
 */
import type { TensorInfo } from "@tensorflow/tfjs-core";
import { computeAttention } from "../attention/wasm.ts";
import { register } from "../../kernel.ts";
import type { Shapes } from "../../kernel.ts";
import { writeRows } from "../kv-write/wasm.ts";
import { multiply } from "../linear/wasm.ts";
import { computeQkNormRope } from "../qk-norm-rope/wasm.ts";
import { computeRmsNorm } from "../rms-norm/wasm.ts";
import { anglesAt } from "../../runtime/wasm/angles.ts";
import type { WasmBackend } from "../../runtime/wasm/backend.ts";
import type { CachePanels } from "../../runtime/wasm/cache-panels.ts";
import { elementwise } from "../../runtime/wasm/elementwise.ts";
import type { Addends } from "../../runtime/wasm/gemm.ts";
import type { Recording } from "../../runtime/wasm/job-list.ts";
import { backendName, implementation } from "../../runtime/wasm/kernel.ts";
import type { Rows } from "../../runtime/wasm/rows.ts";
import { decoderLayer, layerMatrices, layerNorms } from "./index.ts";
import type { DecoderLayerAttrs, DecoderLayerInput, LayerMatrix, LayerNormWeight } from "./index.ts";

type Inputs = { readonly [name in DecoderLayerInput]: TensorInfo };

export function registerDecoderLayer(): void {
  const runOnce = implementation(decoderLayer, ({ backend, runtime, rows, inputs, attrs, outputs: [y] }) => {
    const x = rows("x");
    const length = attrs.position + x.rows;
    const { keys, values } = inputs as Inputs;
    const sequence = { keys, values, rows: x.rows, position: attrs.position, room: length };
    runtime.batch(() => runLayer(backend, inputs as Inputs, attrs, x, y!, [sequence]));
  });
  register<WasmBackend>(decoderLayer.name, backendName, (call) => {
    const inputs = call.inputs as unknown as Inputs;
    const attrs = call.attrs as unknown as DecoderLayerAttrs;
    return runRecorded(call.backend, inputs, attrs) ?? runOnce(call);
  });
}

/** Rows of one sequence among those of x, and the caches that hold what came before them. */
export interface Sequence {
  readonly keys: TensorInfo;
  readonly values: TensorInfo;
  readonly rows: number;
  readonly position: number;
  /** Largest number of positions when the jobs are replayed. */
  readonly room: number;
}

/** Runs the layer's jobs, from `x`, the rows of all sequences one after the other, to `y`. */
export function runLayer(
  backend: WasmBackend,
  inputs: { readonly [name in LayerMatrix | LayerNormWeight]: TensorInfo },
  attrs: Omit<DecoderLayerAttrs, "position" | "formats">,
  x: Rows,
  y: number,
  sequences: readonly Sequence[],
): void {
  const { runtime } = backend;
  const { heads, kvHeads, headDim, feedForwardSize, eps } = attrs;
  const { rows, width: size } = x;
  const [queryWidth, keyWidth] = [heads * headDim, kvHeads * headDim];
  const gain = (name: LayerNormWeight): number => backend.address(inputs[name]);
  const norm = (from: Rows, name: LayerNormWeight, to: Rows): void =>
    computeRmsNorm(runtime, from, { weight: gain(name), eps }, to.address);
  const linear = (
    from: Rows,
    to: { readonly [name in LayerMatrix]?: number },
    addends: Addends = [],
  ): void => {
    const names = Object.keys(to) as LayerMatrix[];
    const products = names.map((name) => ({ matrix: backend.matrix(inputs[name]), bias: 0, y: to[name]! }));
    multiply(runtime, from, -Infinity, products, addends);
  };

  const attended = [size, queryWidth, keyWidth, keyWidth, queryWidth] as const;
  const widths = [...attended, size, feedForwardSize, feedForwardSize] as const;
  runtime.scratchRows(rows, widths, (normed, q, k, v, context, hidden, gate, up) => {
    norm(x, "inputNorm", normed);
    linear(normed, { query: q.address, key: k.address, value: v.address });
    let from = 0;
    for (const { keys, values, rows: count, position, room } of sequences) {
      const [ownQ, ownK, ownV, ownContext] = [q, k, v, context].map((all) => part(all, from, count));
      const rotation = { ...attrs, position };
      computeQkNormRope(runtime, ownQ!, gain("queryNorm"), rotation, ownQ!.address);
      computeQkNormRope(runtime, ownK!, gain("keyNorm"), rotation, ownK!.address);
      writeRows(backend, keys, ownK!, position);
      writeRows(backend, values, ownV!, position);
      const span = { heads, kvHeads, scale: headDim ** -0.5, causal: true, length: position + count };
      computeAttention(backend, ownQ!, keys, values, ownContext!.address, span, room);
      from += count;
    }
    linear(context, { output: hidden.address }, [x.address]);
    norm(hidden, "attentionNorm", normed);
    linear(normed, { gate: gate.address, up: up.address });
    const { address } = gate;
    elementwise(runtime, "swiglu", { a: address, b: up.address, y: address, size: rows * feedForwardSize });
    linear(gate, { down: y }, [hidden.address]);
  });
}

/** `rows` rows from row `from` on. */
function part({ address, width }: Rows, from: number, rows: number): Rows {
  return { address: address + from * width * 4, rows, width };
}

/** Maximum number of rows of a step; larger inputs are not recorded. */
const maxRows = 16;

/** A step, recorded at position 0. */
interface Step {
  readonly jobs: Recording;
  /** Addresses of its input and output rows. */
  readonly input: number;
  readonly output: number;
  /** The recording is valid only for these. */
  readonly workspace: number;
  readonly angles: number;
  readonly values: CachePanels;
  readonly weights: readonly object[];
  readonly attrs: DecoderLayerAttrs;
}

/** By the keys' panels, which belong to one layer and are collected with their cache; then by number of rows. */
const steps = new WeakMap<CachePanels, Map<number, Step>>();

/** Replays a step, recording it first if need be; undefined unless the call is a step in caches with room. */
function runRecorded(backend: WasmBackend, inputs: Inputs, attrs: DecoderLayerAttrs): TensorInfo | undefined {
  const [rows, size] = inputs.x.shape as [number, number];
  const [keys, values] = [backend.panels(inputs.keys), backend.panels(inputs.values)];
  if (rows > maxRows || keys === undefined || values === undefined) return undefined;
  const end = attrs.position + rows;
  if (end > keys.capacity) return undefined;

  let ofCache = steps.get(keys);
  if (ofCache === undefined) steps.set(keys, (ofCache = new Map()));
  let step = ofCache.get(rows);
  if (step === undefined || !isValid(step, backend, inputs, attrs, values)) {
    decoderLayer.outputs(shapesOf(inputs), attrs);
    ofCache.set(rows, (step = record(backend, inputs, attrs, values)));
  }

  const { runtime } = backend;
  const y = backend.allocate([rows, size]);
  const bytes = rows * size * 4;
  const from = backend.address(inputs.x);
  runtime.replay(step, attrs.position, bytes, from, backend.address(y));
  keys.filled = Math.max(keys.filled, end);
  values.filled = Math.max(values.filled, end);
  return y;
}

function record(backend: WasmBackend, inputs: Inputs, given: DecoderLayerAttrs, values: CachePanels): Step {
  const { runtime } = backend;
  const attrs = { ...given, position: 0 };
  const [rows, size] = inputs.x.shape as [number, number];
  const { capacity } = values;
  const sequence = { keys: inputs.keys, values: inputs.values, rows, position: 0, room: capacity };
  const angles = anglesAt(runtime, attrs, capacity);
  let [input, output] = [0, 0];
  const jobs = runtime.capture(() =>
    runtime.scratchRows(rows, [size, size], (x, y) => {
      [input, output] = [x.address, y.address];
      runLayer(backend, inputs, attrs, x, output, [sequence]);
    }),
  );
  return {
    jobs,
    input,
    output,
    workspace: runtime.workspace.version,
    angles,
    values,
    weights: weightsOf(inputs),
    attrs,
  };
}

const weightNames = [...layerMatrices, ...layerNorms];
const weightsOf = (inputs: Inputs): object[] => weightNames.map((name) => inputs[name].dataId);

function isSame(weights: readonly object[], inputs: Inputs): boolean {
  for (let i = 0; i < weightNames.length; i++)
    if (inputs[weightNames[i]!].dataId !== weights[i]) return false;
  return true;
}

function isValid(
  { workspace, angles, values, weights, attrs }: Step,
  { runtime }: WasmBackend,
  inputs: Inputs,
  { heads, kvHeads, headDim, feedForwardSize, theta, eps }: DecoderLayerAttrs,
  given: CachePanels,
): boolean {
  return (
    workspace === runtime.workspace.version &&
    values === given &&
    angles === anglesAt(runtime, attrs, values.capacity) &&
    isSame(weights, inputs) &&
    heads === attrs.heads &&
    kvHeads === attrs.kvHeads &&
    headDim === attrs.headDim &&
    feedForwardSize === attrs.feedForwardSize &&
    theta === attrs.theta &&
    eps === attrs.eps
  );
}

function shapesOf(inputs: Inputs): Shapes<DecoderLayerInput> {
  return Object.fromEntries(Object.entries(inputs).map(([name, { shape }]) => [name, shape]));
}
