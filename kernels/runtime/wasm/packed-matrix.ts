/** A weight matrix in the layout of the products (assembly/weights.ts), and matrices made of its rows. */
import type { WasmRuntime } from "./runtime.ts";

type MatrixKind = "q8" | "f32" | "f16" | "bf16";

/** The numbers that linearFloat knows the float kinds by. */
export const floatKinds = { f32: 0, f16: 1, bf16: 2 } as const;

export interface PackedMatrix {
  readonly kind: MatrixKind;
  readonly rows: number;
  readonly columns: number;
  readonly weights: number;
  /** Q8 only, else 0. */
  readonly scales: number;
  /** Addresses to free with the matrix. */
  readonly owned: readonly number[];
}

/** A copy of some rows of a matrix; the caller frees what it owns. */
export function copyOfRows(runtime: WasmRuntime, matrix: PackedMatrix, ids: readonly number[]): PackedMatrix {
  const { allocator, direct, q8 } = runtime;
  const { kind, columns } = matrix;
  const rows = ids.length;
  if (kind === "q8") {
    const blocks = columns / 32;
    const groups = Math.ceil(rows / 8);
    const weights = allocator.allocate(groups * blocks * 256);
    const scales = allocator.allocate(groups * blocks * 16);
    for (const [i, id] of ids.entries())
      direct.copyQ8Row(matrix.weights, matrix.scales, id, blocks, q8.int16, weights, scales, i);
    return { kind, rows, columns, weights, scales, owned: [weights, scales] };
  }
  const shift = kind === "f32" ? 2 : 1;
  const weights = allocator.allocate((Math.ceil(rows / 16) * 16 * columns) << shift);
  for (const [i, id] of ids.entries()) direct.copyFloatRow(matrix.weights, id, columns, shift, weights, i);
  return { kind, rows, columns, weights, scales: 0, owned: [weights] };
}

/** Some rows of a matrix in place; `start` and `rows` are multiples of 16. */
export function rowsOf(matrix: PackedMatrix, start: number, rows: number): PackedMatrix {
  const { kind, columns } = matrix;
  const size = kind === "q8" ? 1 : kind === "f32" ? 4 : 2;
  const weights = matrix.weights + start * columns * size;
  return { ...matrix, rows, weights, scales: matrix.scales + (start * columns) / 16, owned: [] };
}
