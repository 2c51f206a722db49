/** Runs single kernels on the `wasm` backend, with sentinels around their outputs, and on their references. */
import { engine, findBackend, setBackend, tensor } from "@tensorflow/tfjs-core";
import type { NamedAttrMap, NamedTensorMap, Tensor } from "@tensorflow/tfjs-core";
import { expect } from "vitest";
import { byteLength } from "../../../kernels/formats/table.ts";
import { quantizeRow } from "../../../kernels/formats/index.ts";
import type { Format } from "../../../kernels/formats/table.ts";
import { sizeOf } from "../../../kernels/kernel.ts";
import type { KernelDefinition, Operand, Operands, Reference, Shapes } from "../../../kernels/kernel.ts";
import type { WasmBackend } from "../../../kernels/runtime/wasm/backend.ts";
import { registerWasm, wasmWeights } from "../../../kernels/backends/wasm.ts";
import type { WasmOptions } from "../../../kernels/backends/wasm.ts";
import { nodeHost } from "../../../kernels/runtime/wasm/hosts/node.ts";
import type { WeightStore } from "../../../kernels/weight-store.ts";
import { normals } from "../builders/random.ts";

const sentinel = 0xa5;

/** Starts the backend (once per process) and returns it. */
export async function startWasm(
  options: WasmOptions = { threads: 2 },
  host = nodeHost,
): Promise<WasmBackend> {
  registerWasm(host, options);
  await setBackend("wasm");
  const backend = findBackend("wasm") as WasmBackend;
  poison(backend);
  return backend;
}

/** Fills allocated memory with sentinels: kernels must not rely on zeros, nor write beyond the end. */
function poison({ runtime }: WasmBackend): void {
  const { allocator } = runtime;
  const allocate = allocator.allocate.bind(allocator);
  allocator.allocate = (bytes) => {
    const address = allocate(bytes);
    runtime.bytes.fill(sentinel, address, address + bytes + 64);
    return address;
  };
}

/** Runs `work` without sentinels, which are a look at the memory and so end what is put off. */
export function withoutSentinels<Result>(work: () => Result): Result {
  const { allocator } = (findBackend("wasm") as WasmBackend).runtime;
  const { allocate } = allocator;
  Reflect.deleteProperty(allocator, "allocate");
  try {
    return work();
  } finally {
    allocator.allocate = allocate;
  }
}

export const operand = (values: Float32Array, ...shape: number[]): Operand => ({ values, shape });

/** Normal numbers of a shape. */
export const some = (seed: number, ...shape: number[]): Operand =>
  operand(
    normals(
      seed,
      shape.reduce((a, b) => a * b, 1),
    ),
    ...shape,
  );

/** Numbers as the blocks of a format. */
export function encode(format: Format, values: Float32Array, ...shape: number[]): Operand {
  const bytes = new Uint8Array(byteLength(format, values.length));
  quantizeRow(format, values, bytes, 0, values.length);
  return { values: bytes, shape };
}

/** Puts encoded matrices into a backend. */
export function uploader(store: WeightStore): (format: Format, matrix: Operand) => Promise<Tensor> {
  return async (format, { values, shape }) => {
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    const { info } = await store.load({
      name: "test",
      shape,
      format,
      byteLength: bytes.length,
      read: async (target) => target.set(bytes),
    });
    return engine().makeTensorFromTensorInfo(info);
  };
}

export const upload = uploader(wasmWeights);

/** Random matrices of these numbers of rows, encoded and uploaded. */
export async function weightsOf(format: Format, sizes: readonly number[], columns: number, seed: number) {
  const encoded = sizes.map((rows, i) =>
    encode(format, normals(seed + i, rows * columns, 0.05), rows, columns),
  );
  const tensors: Tensor[] = [];
  for (const matrix of encoded) tensors.push(await upload(format, matrix));
  return { encoded, tensors };
}

/** Runs a kernel; fails if it writes outside its outputs, or leaves memory behind. */
export function runWasm(
  { name }: { readonly name: string },
  inputs: { readonly [input: string]: Operand | Tensor | undefined },
  attrs: object,
): Float32Array[] {
  const backend = findBackend("wasm") as WasmBackend;
  const { allocator } = backend.runtime;
  const tensors: NamedTensorMap = {};
  const made: Tensor[] = [];
  for (const [input, value] of Object.entries(inputs)) {
    if (value === undefined) continue;
    if ("dataId" in value) tensors[input] = value;
    else {
      const t = tensor(value.values as Float32Array, [...value.shape], "float32");
      backend.address(t); // moves it here
      tensors[input] = t;
      made.push(t);
    }
  }
  const once = (): Float32Array[] => {
    const result = engine().runKernel(name, tensors, attrs as NamedAttrMap) as Tensor | Tensor[];
    const outputs = Array.isArray(result) ? result : [result];
    const values = outputs.map((y) => {
      const end = backend.address(y) + y.size * 4;
      const after = backend.runtime.bytes.slice(end, end + 64);
      expect(after.every((byte) => byte === sentinel)).toBe(true);
      return y.dataSync() as Float32Array;
    });
    for (const y of outputs) y.dispose();
    return values;
  };

  // The first run may fill caches; the second must leave nothing and give the same bytes.
  const values = once();
  const used = allocator.used;
  expect(once()).toEqual(values);
  expect(allocator.used).toBe(used);
  for (const t of made) t.dispose();
  return values;
}

export function runReference<In extends string, Attrs extends object>(
  { outputs }: KernelDefinition<In, Attrs>,
  reference: Reference<In, Attrs>,
  inputs: Operands<In>,
  attrs: Attrs,
): Float32Array[] {
  const shapes: { [input: string]: readonly number[] } = {};
  for (const [input, value] of Object.entries(inputs)) {
    if (value !== undefined) shapes[input] = (value as Operand).shape;
  }
  const results = outputs(shapes as Shapes<In>, attrs).map((shape) => new Float32Array(sizeOf(shape)));
  reference(inputs, attrs, results);
  return results;
}

/** Normalized mean square error; NaN if any value is not finite. */
export function nmse(actual: ArrayLike<number>, wanted: ArrayLike<number>): number {
  expect(actual.length).toBe(wanted.length);
  let error = 0;
  let power = 0;
  for (let i = 0; i < wanted.length; i++) {
    error += (actual[i]! - wanted[i]!) ** 2;
    power += wanted[i]! ** 2;
  }
  return power === 0 ? error : error / power;
}
