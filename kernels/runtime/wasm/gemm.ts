/**
 * Products of many frames with Q8 weights (assembly/gemm.ts). The bytes are those that the kernel for a few frames gives.
 * Frames are taken in strips that stay in the second-level cache while panels of weights pass through.
 */
import type { PackedMatrix } from "./packed-matrix.ts";
import type { Rows } from "./rows.ts";
import type { WasmRuntime } from "./runtime.ts";
import type { MatrixArguments } from "./structs/struct.ts";

/** A matrix and its bias: address, or 0 without one. */
export interface Weights {
  readonly matrix: PackedMatrix;
  readonly bias: number;
}

/** A product with its result at `y`: [frames, rows of the matrix]. */
export interface Product extends Weights {
  readonly y: number;
}

/** A layer norm of the input: addresses of its vectors. */
export interface Norm {
  readonly weight: number;
  readonly bias: number;
  readonly eps: number;
}

/** Matrices of the result's shape that are added to it, one after the other: addresses. */
export type Addends = readonly [] | readonly [first: number] | readonly [first: number, second: number];

/** Frames of a strip; a multiple of 4. */
const stripFrames = 256;
/** Maximum number of panels that are taken together: as many as fit into a core's cache, fewer where they are widened. */
const togetherOf = (int16: number): number => (int16 === 1 ? 4 : 16);

/**
 * Least number of frames for {@link gemm}. It multiplies faster, but nothing is multiplied while its panels come from memory
 * or are widened: tiles of 8 frames need less time up to here, though they pass over the weights again for each 8.
 */
export function gemmFrom({ q8 }: WasmRuntime): number {
  return q8.int16 === 1 ? 16 : 17;
}

/** max(norm(x) · Wᵀ + bias, lowerBound) for each matrix; `addends` are for a single one. */
export function gemm(
  runtime: WasmRuntime,
  x: Rows,
  lowerBound: number,
  products: readonly Product[],
  addends: Addends = [],
  norm?: Norm,
): void {
  forEachStrip(runtime, x.rows, [x.width], ([input], scratch) => (frame, frames) => {
    quantize(runtime, x.address + frame * x.width * 4, frames, input!, norm);
    const matrices = products.map((product) => argumentsOf(product, 16, frame));
    const start = frame * products[0]!.matrix.rows * 4;
    multiply(runtime, input!, {
      frames,
      lowerBound,
      matrices,
      scratch,
      addends: addends.map((address) => address + start),
    });
  });
}

/**
 * Second product of max(the first, 0); rows of the first matrix must be whole blocks. The intermediate result is packed
 * as it is computed, and is never stored as floats.
 */
export function gemmFused(
  runtime: WasmRuntime,
  x: Rows,
  first: Weights,
  second: Product,
  addends: Addends,
  norm?: Norm,
): void {
  const { rows } = second.matrix;
  const widths = [x.width, first.matrix.rows];
  forEachStrip(runtime, x.rows, widths, ([input, hidden], scratch) => (frame, frames) => {
    quantize(runtime, x.address + frame * x.width * 4, frames, input!, norm);
    const inner = [argumentsOf({ ...first, y: 0 }, 16, 0)];
    multiply(runtime, input!, { frames, lowerBound: 0, matrices: inner, scratch, addends: [] }, hidden!);
    multiply(runtime, hidden!, {
      frames,
      lowerBound: -Infinity,
      matrices: [argumentsOf(second, 16, frame)],
      scratch,
      addends: addends.map((address) => address + frame * rows * 4),
    });
  });
}

/** The struct of a product for the kernels, whose items are groups of `groupRows` rows; the result begins at `frame`. */
export function argumentsOf({ matrix, bias, y }: Product, groupRows: number, frame = 0): MatrixArguments {
  const { rows, weights, scales } = matrix;
  return { groups: Math.ceil(rows / groupRows), rows, weights, scales, bias, y: y + frame * rows * 4 };
}

/** The items of a product: groups of all matrices. */
export function itemsOf(matrices: readonly MatrixArguments[]): number {
  return matrices.reduce((sum, { groups }) => sum + groups, 0);
}

/** Quantized frames of a strip, in the layout of quantizeTiles. */
interface Packed {
  readonly columns: number;
  readonly integers: number;
  readonly scales: number;
  readonly initialSums: number;
}

/**
 * Number of tiles of six frames: their twelve vectors of sums keep two multipliers busy, whose latency is five cycles. The
 * remaining frames are taken in fours, such that at most one frame of a tile is empty. The 16-bit products need too many
 * registers for six.
 */
function tilesOfSixOf({ q8 }: WasmRuntime, frames: number): number {
  if (q8.int16 === 1) return 0;
  const even = Math.ceil(frames / 2) * 2;
  return Math.max(0, even - { 0: 0, 2: 8, 4: 4 }[even % 6]!) / 6;
}

/** Goes through all frames with memory for strips of these widths, and scratch for the threads. */
function forEachStrip(
  runtime: WasmRuntime,
  frames: number,
  widths: readonly number[],
  prepare: (packed: readonly Packed[], scratch: number) => (frame: number, count: number) => void,
): void {
  const most = Math.ceil(Math.min(frames, stripFrames) / 4) * 4;
  const { int16 } = runtime.q8;
  const bytesOf = (columns: number): number => ((most * columns) << int16) + (most * columns) / 4;
  const packedBytes = widths.reduce((sum, columns) => sum + bytesOf(columns), 0);
  const scratchBytes = runtime.threads * threadBytes(int16, Math.max(...widths));
  runtime.scratch(packedBytes + scratchBytes, (start) => {
    let end = start;
    const packed = widths.map((columns): Packed => {
      const integers = end;
      const scales = integers + ((most * columns) << int16);
      const initialSums = scales + (most * columns) / 8;
      end += bytesOf(columns);
      return { columns, integers, scales, initialSums };
    });
    const work = prepare(packed, end);
    for (let frame = 0; frame < frames; frame += stripFrames)
      work(frame, Math.min(stripFrames, frames - frame));
  });
}

/** Scratch of a thread: see `multiply` in assembly/gemm.ts. */
function threadBytes(int16: number, columns: number): number {
  return togetherOf(int16) * (7 * 64 + (columns / 32) * (int16 === 1 ? 64 + 1024 : 64));
}

function quantize(
  runtime: WasmRuntime,
  x: number,
  frames: number,
  { columns, ...to }: Packed,
  norm?: Norm,
): void {
  const { int16, sumFactor } = runtime.q8;
  const tilesOfSix = tilesOfSixOf(runtime, frames);
  const tiles = tilesOfSix + Math.ceil((frames - 6 * tilesOfSix) / 4);
  const grain = Math.max(runtime.share(tiles), Math.ceil(8192 / columns));
  const args = { x, frames, tilesOfSix, blocks: columns / 32, ...to, int16, sumFactor };
  if (norm === undefined) {
    runtime.run("quantizeTiles", tiles, grain, { ...args, normed: 0, weight: 0, bias: 0, eps: 0 });
    return;
  }
  runtime.scratch(runtime.threads * 6 * columns * 4, (normed) =>
    runtime.run("quantizeTiles", tiles, grain, { ...args, normed, ...norm }),
  );
}

interface Strip {
  readonly frames: number;
  readonly lowerBound: number;
  readonly matrices: readonly MatrixArguments[];
  readonly scratch: number;
  readonly addends: readonly number[];
}

/** Products of one strip; the result of a single matrix goes `to` the input of the next product, if given. */
function multiply(
  runtime: WasmRuntime,
  { columns, ...input }: Packed,
  { frames, lowerBound, matrices, scratch, addends: [addend = 0, otherAddend = 0] }: Strip,
  to?: Packed,
): void {
  const { int16, sumFactor } = runtime.q8;
  const items = itemsOf(matrices);
  const grain = runtime.share(items, 32);
  // Claims of outputs that are packed are whole blocks: two panels each.
  runtime.run("gemmQ8", items, to === undefined ? grain : Math.ceil(grain / 2) * 2, {
    ...input,
    frames,
    tilesOfSix: tilesOfSixOf(runtime, frames),
    blocks: columns / 32,
    lowerBound,
    int16,
    together: togetherOf(int16),
    addend,
    otherAddend,
    toIntegers: to?.integers ?? 0,
    toScales: to?.scales ?? 0,
    toInitialSums: to?.initialSums ?? 0,
    sumFactor,
    scratch,
    scratchBytes: threadBytes(int16, columns),
    matrices,
  });
}
