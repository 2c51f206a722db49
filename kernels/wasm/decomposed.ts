/**
 * What attention is made of, for those who want to see it: stock kernels that no model needs otherwise, in plain loops
 * over copies of the operands (shared memory is slow to read from JavaScript).
 */
import type { TensorInfo } from "@tensorflow/tfjs-core";
import { demand, register, sizeOf } from "../kernel.ts";
import type { KernelFunction } from "../kernel.ts";
import type { WasmBackend } from "./backend.ts";
import { backendName } from "./kernel.ts";

export function registerDecomposed(): void {
  register<WasmBackend>("BatchMatMul", backendName, matMul);
  register<WasmBackend>("Softmax", backendName, softmax);
}

/** a [M, K] · b [K, N], or b [N, K] transposed. */
const matMul: KernelFunction<WasmBackend> = ({ inputs, attrs, backend }) => {
  const { a, b } = inputs as { a: TensorInfo; b: TensorInfo };
  const { transposeA, transposeB } = attrs as unknown as { transposeA: boolean; transposeB: boolean };
  const [rows, inner] = a.shape as [number, number];
  const [columns, depth] = transposeB ? [b.shape[0]!, b.shape[1]!] : [b.shape[1]!, b.shape[0]!];
  const fits = a.shape.length === 2 && b.shape.length === 2 && inner === depth && !transposeA;
  demand(fits, "BatchMatMul on wasm", `[${a.shape.join(", ")}] and [${b.shape.join(", ")}]`, "two matrices");
  const left = floatsOf(backend, a);
  const right = floatsOf(backend, b);
  const product = new Float32Array(rows * columns);
  if (transposeB) dotRows(left, right, product, inner, columns);
  else addRows(left, right, product, inner, columns);
  return tensorOf(backend, product, [rows, columns]);
};

/** product[i, j] = Σ a[i, k] · b[j, k] */
function dotRows(
  a: Float32Array,
  b: Float32Array,
  product: Float32Array,
  inner: number,
  columns: number,
): void {
  for (let i = 0; i < product.length / columns; i++) {
    for (let j = 0; j < columns; j++) {
      let sum = 0;
      const [left, right] = [i * inner, j * inner];
      for (let k = 0; k < inner; k++) sum += a[left + k]! * b[right + k]!;
      product[i * columns + j] = sum;
    }
  }
}

/** product[i, :] = Σ a[i, k] · b[k, :] */
function addRows(
  a: Float32Array,
  b: Float32Array,
  product: Float32Array,
  inner: number,
  columns: number,
): void {
  const row = new Float64Array(columns);
  for (let i = 0; i < product.length / columns; i++) {
    row.fill(0);
    for (let k = 0; k < inner; k++) {
      const factor = a[i * inner + k]!;
      for (let j = 0; j < columns; j++) row[j] = row[j]! + factor * b[k * columns + j]!;
    }
    product.set(row, i * columns);
  }
}

/** Over the last dimension. */
const softmax: KernelFunction<WasmBackend> = ({ inputs, backend }) => {
  const { logits } = inputs as { logits: TensorInfo };
  const width = logits.shape.at(-1) ?? 1;
  const values = floatsOf(backend, logits);
  for (let start = 0; start < values.length; start += width) {
    const row = values.subarray(start, start + width);
    let largest = -Infinity;
    for (const value of row) if (value > largest) largest = value;
    let sum = 0;
    for (let i = 0; i < width; i++) sum += row[i] = Math.exp(row[i]! - largest);
    for (let i = 0; i < width; i++) row[i] = row[i]! / sum;
  }
  return tensorOf(backend, values, logits.shape);
};

function floatsOf(backend: WasmBackend, info: TensorInfo): Float32Array {
  return backend.readSync(info.dataId) as Float32Array;
}

function tensorOf(backend: WasmBackend, values: Float32Array, shape: readonly number[]): TensorInfo {
  const y = backend.allocate(shape);
  backend.machine.floats(backend.address(y), sizeOf(shape)).set(values);
  return y;
}
