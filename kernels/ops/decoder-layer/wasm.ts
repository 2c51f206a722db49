/**
 * DecoderLayer in WebAssembly: the kernels of its parts on scratch memory, as one list of jobs, with no tensors in
 * between. In decoding the list is the same at every step but for the position: it is made once for each cache.
 */
import type { TensorInfo } from "@tensorflow/tfjs-core";
import { computeAttention } from "../attention/wasm.ts";
import { register } from "../../kernel.ts";
import type { Shapes } from "../../kernel.ts";
import { writeRows } from "../kv-write/wasm.ts";
import type { Addends } from "../../runtime/wasm/linear-many.ts";
import { multiply } from "../linear/wasm.ts";
import { normAndTurn } from "../qk-norm-rope/wasm.ts";
import { normalize } from "../rms-norm/wasm.ts";
import { anglesAt } from "../../runtime/wasm/angles.ts";
import type { WasmBackend } from "../../runtime/wasm/backend.ts";
import type { CachePanels } from "../../runtime/wasm/cache-panels.ts";
import { elementwise } from "../../runtime/wasm/elementwise.ts";
import type { Recording } from "../../runtime/wasm/job-list.ts";
import { backendName, implementation } from "../../runtime/wasm/kernel.ts";
import { decoderLayer, layerMatrices, layerNorms } from "./index.ts";
import type { DecoderLayerAttrs, DecoderLayerInput, LayerMatrix } from "./index.ts";

type Inputs = { readonly [name in DecoderLayerInput]: TensorInfo };

export function registerDecoderLayer(): void {
  const once = implementation(
    decoderLayer,
    ({ backend, machine, inputs, attrs, outputs: [y], outputShapes: [shape] }) => {
      const given = inputs as Inputs;
      const length = attrs.position + shape![0]!;
      machine.batch(() => layer(backend, given, attrs, shape!, backend.address(given.x), y!, length));
    },
  );
  register<WasmBackend>(decoderLayer.name, backendName, (call) => {
    const inputs = call.inputs as unknown as Inputs;
    return again(call.backend, inputs, call.attrs as unknown as DecoderLayerAttrs) ?? once(call);
  });
}

/** The layer's jobs, from `x` to `y`. `room`: positions that there will ever be. */
function layer(
  backend: WasmBackend,
  inputs: Inputs,
  attrs: DecoderLayerAttrs,
  shape: readonly number[],
  x: number,
  y: number,
  room: number,
): void {
  const { machine } = backend;
  const { heads, kvHeads, headDim, feedForwardSize, eps, position } = attrs;
  const [rows, size] = shape as readonly [number, number];
  const [queryWidth, keyWidth] = [heads * headDim, kvHeads * headDim];
  const gain = (name: DecoderLayerInput): number => backend.address(inputs[name]);
  const linear = (
    from: number,
    to: { readonly [name in LayerMatrix]?: number },
    addends: Addends = [],
  ): void => {
    const names = Object.keys(to) as LayerMatrix[];
    const parts = names.map((name) => ({ matrix: backend.matrix(inputs[name]), bias: 0, y: to[name]! }));
    multiply(machine, from, rows, -Infinity, parts, addends);
  };

  const widths = [size, queryWidth, keyWidth, keyWidth, queryWidth, size, feedForwardSize, feedForwardSize];
  machine.scratchRows(rows, widths, (normed, q, k, v, context, hidden, gate, up) => {
    normalize(machine, x, normed, rows, size, gain("inputNorm"), eps);
    linear(normed, { query: q, key: k, value: v });
    normAndTurn(machine, q, q, rows, queryWidth, gain("queryNorm"), attrs);
    normAndTurn(machine, k, k, rows, keyWidth, gain("keyNorm"), attrs);
    writeRows(backend, inputs.keys, k, position, rows);
    writeRows(backend, inputs.values, v, position, rows);
    const span = { heads, kvHeads, scale: headDim ** -0.5, causal: true, length: position + rows };
    computeAttention(backend, q, inputs.keys, inputs.values, context, rows, headDim, span, room);
    linear(context, { output: hidden }, [x]);
    normalize(machine, hidden, normed, rows, size, gain("attentionNorm"), eps);
    linear(normed, { gate, up });
    elementwise(machine, "swiglu", gate, up, gate, rows * feedForwardSize);
    linear(gate, { down: y }, [hidden]);
  });
}

/** More rows than this are no step. */
const mostRows = 16;

/** A step, recorded at position 0. */
interface Step {
  readonly jobs: Recording;
  /** Where the rows go in and come out. */
  readonly input: number;
  readonly output: number;
  /** What it is bound to. */
  readonly workspace: number;
  readonly angles: number;
  readonly values: CachePanels;
  readonly weights: readonly object[];
  readonly attrs: DecoderLayerAttrs;
}

/** By the keys' panels, which belong to one layer and end with their cache; then by rows. */
const steps = new WeakMap<CachePanels, Map<number, Step>>();

/** A step whose jobs were recorded, or now are; undefined where the call is no step in caches that are in use. */
function again(backend: WasmBackend, inputs: Inputs, attrs: DecoderLayerAttrs): TensorInfo | undefined {
  const [rows, size] = inputs.x.shape as [number, number];
  const [keys, values] = [backend.panels(inputs.keys), backend.panels(inputs.values)];
  if (rows > mostRows || keys === undefined || values === undefined) return undefined;
  const end = attrs.position + rows;
  if (end > keys.capacity) return undefined;

  let ofCache = steps.get(keys);
  if (ofCache === undefined) steps.set(keys, (ofCache = new Map()));
  let step = ofCache.get(rows);
  if (step === undefined || !isValid(step, backend, inputs, attrs, values)) {
    decoderLayer.outputs(shapesOf(inputs), attrs);
    ofCache.set(rows, (step = recorded(backend, inputs, attrs, values)));
  }

  const { machine } = backend;
  const y = backend.allocate([rows, size]);
  const bytes = rows * size * 4;
  const from = backend.address(inputs.x);
  machine.replay(step, attrs.position, bytes, from, backend.address(y));
  keys.filled = Math.max(keys.filled, end);
  values.filled = Math.max(values.filled, end);
  return y;
}

function recorded(backend: WasmBackend, inputs: Inputs, given: DecoderLayerAttrs, values: CachePanels): Step {
  const { machine } = backend;
  const attrs = { ...given, position: 0 };
  const { shape } = inputs.x;
  const [rows, size] = shape as [number, number];
  const { capacity } = values;
  const angles = anglesAt(machine, attrs, capacity);
  let [input, output] = [0, 0];
  const jobs = machine.capture(() =>
    machine.scratchRows(rows, [size, size], (x, y) => {
      [input, output] = [x!, y!];
      layer(backend, inputs, attrs, shape, input, output, capacity);
    }),
  );
  return {
    jobs,
    input,
    output,
    workspace: machine.workspace.version,
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
  { machine }: WasmBackend,
  inputs: Inputs,
  { heads, kvHeads, headDim, feedForwardSize, theta, eps }: DecoderLayerAttrs,
  given: CachePanels,
): boolean {
  return (
    workspace === machine.workspace.version &&
    values === given &&
    angles === anglesAt(machine, attrs, values.capacity) &&
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
