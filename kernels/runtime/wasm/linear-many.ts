/**
 * Products of many frames with Q8 weights (wasm/assembly/linear-many.ts), in the bytes that a few frames get from the
 * other kernel. Frames are taken in strips that stay in the second-level cache while panels pass by.
 */
import { f32 } from "./machine.ts";
import type { WasmRuntime } from "./machine.ts";
import { offsetOf, wideOf } from "./weights.ts";
import type { PackedMatrix } from "./weights.ts";

export interface Part {
  readonly matrix: PackedMatrix;
  readonly bias: number;
  readonly y: number;
}

/** What is added to the result, one after the other: addresses of matrices of its shape. */
export type Addends = readonly [] | readonly [first: number] | readonly [first: number, second: number];

/** Frames of a strip; a multiple of 4. */
const strip = 256;
/** Panels that are taken together: all that a core's cache has room for, which are fewer where they are widened. */
const togetherOf = (wide: number): number => (wide === 1 ? 4 : 16);

/** Frames from which on they are many: where weights are to be widened first, that must pay. */
export function gemmFrom(machine: WasmRuntime): number {
  return wideOf(machine) === 1 ? 16 : 3;
}

/** Each part's product, `floor` at least; `addends` are for a single part. */
export function gemm(
  machine: WasmRuntime,
  x: number,
  frames: number,
  floor: number,
  parts: readonly Part[],
  addends: Addends = [],
): void {
  const { columns } = parts[0]!.matrix;
  forEachStrip(machine, frames, [columns], ([input], scratch) => (frame, count) => {
    quantize(machine, x + frame * columns * 4, count, input!);
    const at = ({ matrix, bias, y }: Part): Part => ({ matrix, bias, y: y + frame * matrix.rows * 4 });
    const added = addends.map((address) => address + frame * parts[0]!.matrix.rows * 4);
    product(machine, input!, count, floor, parts.map(at), scratch, added);
  });
}

/**
 * The second product of max(the first, 0), whose rows must be whole blocks. What lies between is packed as it comes, so
 * it is never in memory as floats.
 */
export function gemmFused(
  machine: WasmRuntime,
  x: number,
  frames: number,
  first: Omit<Part, "y">,
  second: Part,
  addends: Addends,
): void {
  const { rows: inner, columns } = first.matrix;
  const { rows } = second.matrix;
  forEachStrip(machine, frames, [columns, inner], ([input, hidden], scratch) => (frame, count) => {
    quantize(machine, x + frame * columns * 4, count, input!);
    product(machine, input!, count, 0, [{ ...first, y: 0 }], scratch, [], hidden!);
    const start = frame * rows * 4;
    const added = addends.map((address) => address + start);
    product(machine, hidden!, count, -Infinity, [{ ...second, y: second.y + start }], scratch, added);
  });
}

/** Quantized frames of a strip, as quantizeTiles packs them. */
interface Packed {
  readonly columns: number;
  readonly integers: number;
  readonly scales: number;
  readonly starts: number;
}

/**
 * Frames that are taken in tiles of six, the first of them: twelve vectors of sums keep two multipliers busy that take five
 * cycles each. The others are taken in fours, one of them empty at most. Products of 16 bits have no register for sixes.
 */
function sixesOf(machine: WasmRuntime, frames: number): number {
  if (wideOf(machine) === 1) return 0;
  const even = Math.ceil(frames / 2) * 2;
  return Math.max(0, even - { 0: 0, 2: 8, 4: 4 }[even % 6]!);
}

/** Goes through all frames with memory for strips of these widths, and scratch for the threads. */
function forEachStrip(
  machine: WasmRuntime,
  frames: number,
  widths: readonly number[],
  prepare: (packed: readonly Packed[], scratch: number) => (frame: number, count: number) => void,
): void {
  const most = Math.ceil(Math.min(frames, strip) / 4) * 4;
  const wide = wideOf(machine);
  const bytesOf = (columns: number): number => ((most * columns) << wide) + (most * columns) / 4;
  const all = widths.reduce((sum, columns) => sum + bytesOf(columns), 0);
  machine.scratch(all + machine.threads * threadBytes(wide, Math.max(...widths)), (start) => {
    let end = start;
    const packed = widths.map((columns): Packed => {
      const integers = end;
      const scales = integers + ((most * columns) << wide);
      const starts = scales + (most * columns) / 8;
      end += bytesOf(columns);
      return { columns, integers, scales, starts };
    });
    const work = prepare(packed, end);
    for (let frame = 0; frame < frames; frame += strip) work(frame, Math.min(strip, frames - frame));
  });
}

/** Scratch of a thread, as the kernel wants it. */
function threadBytes(wide: number, columns: number): number {
  return togetherOf(wide) * (7 * 64 + (columns / 32) * (wide === 1 ? 64 + 1024 : 64));
}

function quantize(
  machine: WasmRuntime,
  x: number,
  frames: number,
  { columns, integers, scales, starts }: Packed,
): void {
  const tilesOfSix = sixesOf(machine, frames);
  const tiles = tilesOfSix / 6 + Math.ceil((frames - tilesOfSix) / 4);
  const least = Math.max(machine.share(tiles), Math.ceil(8192 / columns));
  const to = [integers, scales, starts, wideOf(machine), offsetOf(machine)];
  machine.run("quantizeTiles", tiles, least, [x, frames, tilesOfSix, columns / 32, ...to]);
}

function product(
  machine: WasmRuntime,
  { columns, integers, scales, starts }: Packed,
  frames: number,
  floor: number,
  parts: readonly Part[],
  scratch: number,
  [addend = 0, other = 0]: readonly number[],
  to?: Packed,
): void {
  const wide = wideOf(machine);
  const shape = [frames, sixesOf(machine, frames), columns / 32];
  const input = [integers, scales, starts, ...shape, f32(floor), wide, togetherOf(wide)];
  const output = [addend, other, to?.integers ?? 0, to?.scales ?? 0, to?.starts ?? 0, offsetOf(machine)];
  const args = [...input, ...output, scratch, threadBytes(wide, columns)];
  let items = 0;
  for (const { matrix, bias, y } of parts) {
    const panels = Math.ceil(matrix.rows / 16);
    items += panels;
    args.push(panels, matrix.rows, matrix.weights, matrix.scales, bias, y);
  }
  const grain = machine.share(items, 32);
  // Claims of outputs that are packed are whole blocks: two panels each.
  machine.run("linearMany", items, to === undefined ? grain : Math.ceil(grain / 2) * 2, args);
}
