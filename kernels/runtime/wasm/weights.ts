/**
 * The weight store of the `wasm` backend. A matrix is read a piece at a time and packed into its final place: Q8_0 into
 * interleaved blocks, floats into panels (assembly/weights.ts). Other block formats become Q8_0.
 */
import { ModelFormatError } from "../../../src/errors.ts";
import { quantizeRow, unpackRow } from "../../formats/index.ts";
import { byteLength, formats } from "../../formats/table.ts";
import type { Format } from "../../formats/table.ts";
import type { EncodedTensor, WeightStore } from "../../weight-store.ts";
import type { WasmBackend } from "./backend.ts";
import type { WasmRuntime } from "./machine.ts";

/** Layout of a packed matrix; the numbers of the float kinds are those of assembly/linear.ts. */
export type MatrixKind = "q8" | "f32" | "f16" | "bf16";

export const floatKinds = { f32: 0, f16: 1, bf16: 2 } as const;

export interface PackedMatrix {
  readonly kind: MatrixKind;
  readonly rows: number;
  readonly columns: number;
  readonly weights: number;
  /** Q8 only. */
  readonly scales: number;
  /** What to free with it. */
  readonly owned: readonly number[];
}

/** Added to the bytes of Q8 weights: the unsigned dot product wants them as w + 128. */
export function flipOf({ dot }: WasmRuntime): number {
  return dot === 1 ? 0x80808080 : 0;
}

/** What the sums of a block of activations are multiplied by to make up for it. */
export function offsetOf({ dot }: WasmRuntime): number {
  return dot === 1 ? -128 : 0;
}

/** 1 where weights are multiplied as 16-bit integers, which want the rows of a group in another order. */
export function wideOf({ dot }: WasmRuntime): number {
  return dot === 0 ? 1 : 0;
}

export function wasmWeightStore(backend: () => WasmBackend): WeightStore {
  return {
    async load(source, signal) {
      const { machine } = backend();
      const format = storedFormat(source.format);
      const matrix =
        format === "Q8_0"
          ? await loadQ8(machine, source, signal)
          : await loadFloat(machine, source, format, signal);
      return { info: backend().adopt(matrix), format: matrix.kind === "f32" ? "F32" : format };
    },
  };
}

/** A matrix of some rows of another; the caller frees what it owns. */
export function copyOfRows(machine: WasmRuntime, matrix: PackedMatrix, ids: readonly number[]): PackedMatrix {
  const { allocator, direct } = machine;
  const { kind, columns } = matrix;
  const rows = ids.length;
  if (kind === "q8") {
    const blocks = columns / 32;
    const groups = Math.ceil(rows / 8);
    const weights = allocator.allocate(groups * blocks * 256);
    const scales = allocator.allocate(groups * blocks * 16);
    const from = [matrix.weights, matrix.scales] as const;
    for (const [i, id] of ids.entries())
      direct.copyQ8Row(...from, id, blocks, wideOf(machine), weights, scales, i);
    return { kind, rows, columns, weights, scales, owned: [weights, scales] };
  }
  const shift = kind === "f32" ? 2 : 1;
  const weights = allocator.allocate((Math.ceil(rows / 16) * 16 * columns) << shift);
  for (const [i, id] of ids.entries()) direct.copyFloatRow(matrix.weights, id, columns, shift, weights, i);
  return { kind, rows, columns, weights, scales: 0, owned: [weights] };
}

/** Some rows of a matrix where they are; `start` and `rows` are multiples of 16. */
export function rowsOf(matrix: PackedMatrix, start: number, rows: number): PackedMatrix {
  const { kind, columns } = matrix;
  const size = kind === "q8" ? 1 : kind === "f32" ? 4 : 2;
  const weights = matrix.weights + start * columns * size;
  return { ...matrix, rows, weights, scales: matrix.scales + (start * columns) / 16, owned: [] };
}

type NativeFormat = "F32" | "F16" | "BF16" | "Q8_0";

function storedFormat(format: Format): NativeFormat {
  return format === "F32" || format === "F16" || format === "BF16" ? format : "Q8_0";
}

/** Bytes that are read from a file at a time: large enough for all threads, small enough for a cache. */
const pieceBytes = 4 * 2 ** 20;

async function loadQ8(
  machine: WasmRuntime,
  source: EncodedTensor,
  signal?: AbortSignal,
): Promise<PackedMatrix> {
  const { allocator } = machine;
  const [rows, columns] = sizes(source);
  const blocks = columns / formats.Q8_0.blockSize;
  const groups = Math.ceil(rows / 8);
  const rowBytes = byteLength("Q8_0", columns);
  const { readRange } = source;
  const inPieces = source.format === "Q8_0" && readRange !== undefined;
  const rowsAtOnce = inPieces ? Math.max(8, Math.floor(pieceBytes / rowBytes / 8) * 8) : rows;
  const piece = allocator.allocate(Math.min(rows, rowsAtOnce) * rowBytes);
  const unfit = allocator.allocate(4);
  const weights = allocator.allocate(groups * blocks * 256);
  const scales = allocator.allocate(groups * blocks * 16);
  try {
    machine.ints(unfit, 1)[0] = 0;
    for (let row = 0; row < rows; row += rowsAtOnce) {
      const count = Math.min(rowsAtOnce, rows - row);
      const target = machine.bytes.subarray(piece, piece + count * rowBytes);
      if (inPieces) await readRange(row * rowBytes, target, signal);
      else if (source.format === "Q8_0") await source.read(target, signal);
      else await requantize(source, target, columns, signal);
      const some = Math.ceil(count / 8);
      const to = [weights + row * blocks * 32, scales + row * blocks * 2];
      const layout = [flipOf(machine), wideOf(machine), unfit];
      machine.run("packQ8", some, machine.share(some), [piece, ...to, count, blocks, ...layout]);
    }
    const found = machine.ints(unfit, 1)[0]!;
    if (found > 0) throw tooLarge(source.name, `${found} block scales`);
    return { kind: "q8", rows, columns, weights, scales, owned: [weights, scales] };
  } catch (error) {
    allocator.free(weights);
    allocator.free(scales);
    throw error;
  } finally {
    allocator.free(unfit);
    allocator.free(piece);
  }
}

/** Any block format into Q8_0 blocks, some rows at a time. */
async function requantize(
  source: EncodedTensor,
  target: Uint8Array,
  columns: number,
  signal?: AbortSignal,
): Promise<void> {
  const encoded = new Uint8Array(source.byteLength);
  await source.read(encoded, signal);
  const row = new Float32Array(columns);
  const rowBytes = byteLength(source.format, columns);
  const packedBytes = byteLength("Q8_0", columns);
  for (let from = 0, to = 0; from < encoded.length; from += rowBytes, to += packedBytes) {
    unpackRow(source.format, encoded, from, row, columns);
    quantizeRow("Q8_0", row, target, to, columns);
  }
}

async function loadFloat(
  machine: WasmRuntime,
  source: EncodedTensor,
  format: Exclude<NativeFormat, "Q8_0">,
  signal?: AbortSignal,
): Promise<PackedMatrix> {
  const { allocator, direct } = machine;
  const [rows, columns] = sizes(source);
  const panels = Math.ceil(rows / 16);
  const size = format === "F32" ? 4 : 2;
  const raw = allocator.allocate(source.byteLength);
  let weights: number | undefined;
  try {
    await source.read(machine.bytes.subarray(raw, raw + source.byteLength), signal);
    const half = format === "F16";
    if (half && direct.unfitHalves(raw, rows * columns) > 0) throw tooLarge(source.name, "weights");
    weights = allocator.allocate(panels * 16 * columns * size);
    machine.run("packFloat", panels, machine.share(panels), [
      raw,
      weights,
      rows,
      columns,
      size,
      half ? 1 : 0,
    ]);
    const kind = ({ F32: "f32", F16: "f16", BF16: "bf16" } as const)[format];
    return { kind, rows, columns, weights, scales: 0, owned: [weights] };
  } catch (error) {
    if (weights !== undefined) allocator.free(weights);
    throw error;
  } finally {
    allocator.free(raw);
  }
}

function sizes({ shape }: EncodedTensor): readonly [rows: number, columns: number] {
  return shape as readonly [number, number];
}

function tooLarge(name: string, what: string): ModelFormatError {
  return new ModelFormatError("bad_tensors", name, `${what} of 64 or more, or not finite`, {
    wanted: "magnitudes below 64",
    remedy: "Convert the file to F32",
  });
}
