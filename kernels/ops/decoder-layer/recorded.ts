/**
 * Steps of a layer, of one sequence or of several, as lists of jobs that are recorded once for the same caches and numbers
 * of rows, and replayed at other positions. A list of one sequence has one position, which the runtime adds; in a list of
 * several a job in front of each sequence's sets that of the sequence.
 */
import type { TensorInfo } from "@tensorflow/tfjs-core";
import { anglesAt } from "../../runtime/wasm/angles.ts";
import type { WasmBackend } from "../../runtime/wasm/backend.ts";
import type { CachePanels } from "../../runtime/wasm/cache-panels.ts";
import type { Recording } from "../../runtime/wasm/job-list.ts";
import { layout } from "../../runtime/wasm/layout.ts";
import type { WasmRuntime } from "../../runtime/wasm/runtime.ts";
import type { KernelDefinition, Shapes } from "../../kernel.ts";
import { layerMatrices, layerNorms } from "./index.ts";
import { runLayer } from "./layer.ts";
import type { LayerAttrs, LayerWeights, Sequence, SequenceRows } from "./layer.ts";

/** Maximum number of rows of a step; larger inputs are not recorded. */
const maxRows = 16;
/** Most lists for the same first cache; the oldest is dropped. */
const maxLists = 24;

/** A sequence's caches, and its rows of a step. */
interface Part {
  readonly keys: CachePanels;
  readonly values: CachePanels;
  readonly rows: number;
}

/** A step, recorded at position 0. */
interface Step {
  readonly jobs: Recording;
  /** Addresses of its input and output rows. */
  readonly input: number;
  readonly output: number;
  /** The recording is valid only for these. */
  readonly workspace: number;
  readonly angles: number;
  readonly parts: readonly Part[];
  readonly weights: readonly object[];
  readonly attrs: LayerAttrs;
}

type Inputs = LayerWeights & { readonly x: TensorInfo };

/** By the panels of the first sequence's keys, which belong to one layer and are collected with their cache. */
const steps = new WeakMap<CachePanels, Step[]>();

/**
 * Replays a step, recording it first if need be; undefined unless the call is a step in caches with room, whose rows are
 * those of the sequences. `kernel` checks the inputs.
 */
export function runRecorded<Attrs extends LayerAttrs>(
  kernel: KernelDefinition<string, Attrs>,
  backend: WasmBackend,
  inputs: Inputs,
  attrs: Attrs,
  sequences: readonly SequenceRows[],
): TensorInfo | undefined {
  const [rows, size] = inputs.x.shape as [number, number];
  if (rows > maxRows || sequences.reduce((sum, sequence) => sum + sequence.rows, 0) !== rows)
    return undefined;
  const parts: Part[] = [];
  for (const { keys: k, values: v, rows: count, position } of sequences) {
    const [keys, values] = [backend.panels(k), backend.panels(v)];
    if (keys === undefined || values === undefined || position + count > keys.capacity) return undefined;
    parts.push({ keys, values, rows: count });
  }

  const first = parts[0]!.keys;
  let lists = steps.get(first);
  if (lists === undefined) steps.set(first, (lists = []));
  let step = lists.find((known) => isOf(known, parts));
  if (step === undefined || !isValid(step, backend, inputs, attrs)) {
    if (step !== undefined) lists.splice(lists.indexOf(step), 1);
    if (lists.length >= maxLists) lists.shift();
    kernel.outputs(shapesOf(inputs), attrs);
    lists.push((step = record(backend, inputs, attrs, sequences, parts)));
  }

  const { runtime } = backend;
  const [only] = sequences.length === 1 ? sequences : [];
  if (only === undefined)
    setPositions(
      runtime,
      sequences.map(({ position }) => position),
    );
  const y = backend.allocate([rows, size]);
  const from = backend.address(inputs.x);
  runtime.replay(step, only?.position ?? 0, rows * size * 4, from, backend.address(y));
  for (const [i, { keys, values }] of parts.entries()) {
    const end = sequences[i]!.position + sequences[i]!.rows;
    keys.filled = Math.max(keys.filled, end);
    values.filled = Math.max(values.filled, end);
  }
  return y;
}

function record(
  backend: WasmBackend,
  inputs: Inputs,
  attrs: LayerAttrs,
  sequences: readonly SequenceRows[],
  parts: readonly Part[],
): Step {
  const { runtime } = backend;
  const [rows, size] = inputs.x.shape as [number, number];
  const isJoint = sequences.length > 1;
  const places = isJoint ? positionsOf(runtime).address : 0;
  const atZero = sequences.map((sequence, i): Sequence => {
    const placed = { ...sequence, position: 0, room: parts[i]!.keys.capacity };
    return isJoint ? { ...placed, prepare: () => setPosition(runtime, places + 4 * i) } : placed;
  });
  const angles = tableFor(runtime, attrs, parts);
  let [input, output] = [0, 0];
  const jobs = runtime.capture(() =>
    runtime.scratchRows(rows, [size, size], (x, y) => {
      [input, output] = [x.address, y.address];
      runLayer(backend, inputs, attrs, x, output, atZero);
      if (isJoint) setPosition(runtime, layout.ZEROS);
    }),
  );
  return {
    jobs,
    input,
    output,
    workspace: runtime.workspace.version,
    angles,
    parts,
    weights: weightsOf(inputs),
    attrs,
  };
}

/** The positions of a joint step's sequences, which its jobs read. */
interface Positions {
  readonly address: number;
  known: readonly number[];
}

const positions = new WeakMap<WasmRuntime, Positions>();

function positionsOf(runtime: WasmRuntime): Positions {
  let found = positions.get(runtime);
  if (found === undefined) {
    found = { address: runtime.allocator.allocate(maxRows * 4), known: [] };
    positions.set(runtime, found);
  }
  return found;
}

/** All layers of a step have the same positions: only for other ones do the jobs that wait have to run first. */
function setPositions(runtime: WasmRuntime, wanted: readonly number[]): void {
  const places = positionsOf(runtime);
  if (wanted.every((position, i) => position === places.known[i])) return;
  runtime.ints(places.address, wanted.length).set(wanted);
  places.known = wanted;
}

/** Lists a job that makes the number at `from` the position that kernels add. */
function setPosition(runtime: WasmRuntime, from: number): void {
  const bytes = { bytes: 4, fromStride: 4, toStride: 4 };
  runtime.run("copyRows", 1, 1, { from, to: layout.POSITION, ...bytes });
}

const weightNames = [...layerMatrices, ...layerNorms];
const weightsOf = (inputs: Inputs): object[] => weightNames.map((name) => inputs[name].dataId);

function isSame(weights: readonly object[], inputs: Inputs): boolean {
  for (let i = 0; i < weightNames.length; i++)
    if (inputs[weightNames[i]!].dataId !== weights[i]) return false;
  return true;
}

function isOf({ parts }: Step, wanted: readonly Part[]): boolean {
  return (
    parts.length === wanted.length &&
    parts.every(
      ({ rows, keys, values }, i) =>
        rows === wanted[i]!.rows && keys === wanted[i]!.keys && values === wanted[i]!.values,
    )
  );
}

function shapesOf(inputs: { readonly [name: string]: TensorInfo }): Shapes<string> {
  return Object.fromEntries(Object.entries(inputs).map(([name, { shape }]) => [name, shape]));
}

/** The angles of all positions. */
function tableFor(runtime: WasmRuntime, attrs: LayerAttrs, parts: readonly Part[]): number {
  const count = Math.max(...parts.map(({ keys }) => keys.capacity));
  return anglesAt(runtime, { ...attrs, position: 0 }, count);
}

function isValid(
  { workspace, angles, parts, weights, attrs }: Step,
  { runtime }: WasmBackend,
  inputs: Inputs,
  { heads, kvHeads, headDim, feedForwardSize, theta, eps }: LayerAttrs,
): boolean {
  return (
    workspace === runtime.workspace.version &&
    angles === tableFor(runtime, attrs, parts) &&
    isSame(weights, inputs) &&
    heads === attrs.heads &&
    kvHeads === attrs.kvHeads &&
    headDim === attrs.headDim &&
    feedForwardSize === attrs.feedForwardSize &&
    theta === attrs.theta &&
    eps === attrs.eps
  );
}
