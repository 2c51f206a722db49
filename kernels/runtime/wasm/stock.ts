/**
 * TensorFlow.js's own kernels that the models use. For others the engine's error names the missing kernel.
 */
import { util } from "../../tensorflow-js.ts";
import type { TensorInfo } from "@tensorflow/tfjs-core";
import { RuntimeError } from "../../../src/errors.ts";
import { register, sizeOf } from "../../kernel.ts";
import type { KernelFunction } from "../../kernel.ts";
import type { WasmBackend } from "./backend.ts";
import { unpackRows } from "./cache-panels.ts";
import { elementwise } from "./elementwise.ts";
import { backendName } from "./kernel.ts";
import type { KernelArguments } from "./structs/index.ts";

type Kernel = KernelFunction<WasmBackend>;

export function registerStock(): void {
  const kernels: { readonly [name: string]: Kernel } = {
    Identity: share,
    Reshape: share,
    Fill: fill,
    Add: add,
    Multiply: multiply,
    Relu: relu,
    Concat: concat,
    Slice: slice,
    SplitV: split,
  };
  for (const [name, kernel] of Object.entries(kernels)) register<WasmBackend>(name, backendName, kernel);
}

/** The same values in another shape. */
const share: Kernel = ({ inputs: { x }, attrs, backend }) => {
  const { dataId, shape, dtype } = x as TensorInfo;
  const wanted = attrs["shape"] as number[] | undefined;
  backend.address(x as TensorInfo); // converts a cache in panels to rows
  backend.incRef(dataId);
  return {
    dataId,
    dtype,
    shape: wanted === undefined ? shape : util.inferFromImplicitShape(wanted, sizeOf(shape)),
  };
};

const fill: Kernel = ({ attrs, backend }) => {
  const { shape, value } = attrs as unknown as { shape: number[]; value: number };
  const y = backend.allocate(shape);
  backend.runtime.floats(backend.address(y), sizeOf(shape)).fill(value);
  return y;
};

const add: Kernel = ({ inputs, backend }) => {
  const { a, b } = inputs as { a: TensorInfo; b: TensorInfo };
  if (!util.arraysEqual(a.shape, b.shape)) throw broadcast("Add", a, b);
  const y = backend.allocate(a.shape);
  elementwise(backend.runtime, "add", {
    a: backend.address(a),
    b: backend.address(b),
    y: backend.address(y),
    size: sizeOf(a.shape),
  });
  return y;
};

/** By a single number only. */
const multiply: Kernel = ({ inputs, backend }) => {
  const { a, b } = inputs as { a: TensorInfo; b: TensorInfo };
  const [x, factor] = sizeOf(b.shape) === 1 ? [a, b] : [b, a];
  if (sizeOf(factor.shape) !== 1) throw broadcast("Multiply", a, b);
  const y = backend.allocate(x.shape);
  const number = backend.runtime.floats(backend.address(factor), 1)[0]!;
  const operands = { a: backend.address(x), y: backend.address(y), size: sizeOf(x.shape), number };
  elementwise(backend.runtime, "scale", operands);
  return y;
};

const relu: Kernel = ({ inputs, backend }) => {
  const { x } = inputs as { x: TensorInfo };
  const y = backend.allocate(x.shape);
  const operands = { a: backend.address(x), y: backend.address(y), size: sizeOf(x.shape), number: 0 };
  elementwise(backend.runtime, "atLeast", operands);
  return y;
};

const concat: Kernel = ({ inputs, attrs, backend }) => {
  const parts = (Object.values(inputs) as TensorInfo[]).filter(({ shape }) => sizeOf(shape) > 0);
  const all = Object.values(inputs) as TensorInfo[];
  const axis = util.parseAxisParam(attrs["axis"] as number, all[0]!.shape)[0]!;
  const shape = [...all[0]!.shape];
  shape[axis] = all.reduce((sum, part) => sum + part.shape[axis]!, 0);
  const y = backend.allocate(shape);
  const toStride = sizeOf(shape.slice(axis)) * 4;
  let to = backend.address(y);
  for (const part of parts) {
    const bytes = sizeOf(part.shape.slice(axis)) * 4;
    const rows = sizeOf(shape.slice(0, axis));
    copyRows(backend, rows, { from: backend.address(part), to, bytes, fromStride: bytes, toStride });
    to += bytes;
  }
  return y;
};

const slice: Kernel = ({ inputs, attrs, backend }) => {
  const { x } = inputs as { x: TensorInfo };
  const { begin, size } = attrs as unknown as { begin: number | number[]; size: number | number[] };
  if (x.shape.length !== 2)
    throw new RuntimeError("kernel_arguments", "Slice", `a tensor of rank ${x.shape.length}`, {
      wanted: "2",
    });
  const [row, column] = [begin].flat() as [number, number?];
  const [rows, columns] = [size]
    .flat()
    .map((length, i) => (length < 0 ? x.shape[i]! - ([begin].flat()[i] ?? 0) : length)) as [number, number?];
  return cut(backend, x, row, rows, column ?? 0, columns ?? x.shape[1]!);
};

const split: Kernel = ({ inputs, attrs, backend }) => {
  const { x } = inputs as { x: TensorInfo };
  const { numOrSizeSplits, axis } = attrs as unknown as { numOrSizeSplits: number | number[]; axis: number };
  const along = util.parseAxisParam(axis, x.shape)[0]!;
  if (x.shape.length !== 2)
    throw new RuntimeError("kernel_arguments", "SplitV", `a tensor of rank ${x.shape.length}`, {
      wanted: "2",
    });
  const [rows, columns] = x.shape as [number, number];
  const length = x.shape[along]!;
  const sizes =
    typeof numOrSizeSplits === "number"
      ? Array<number>(numOrSizeSplits).fill(length / numOrSizeSplits)
      : numOrSizeSplits;
  let start = 0;
  return sizes.map((size) => {
    const part =
      along === 0 ? cut(backend, x, start, size, 0, columns) : cut(backend, x, 0, rows, start, size);
    start += size;
    return part;
  });
};

function cut(
  backend: WasmBackend,
  x: TensorInfo,
  row: number,
  rows: number,
  column: number,
  columns: number,
): TensorInfo {
  const y = backend.allocate([rows, columns]);
  const panels = backend.panels(x);
  if (panels !== undefined && row === 0 && columns === x.shape[1]) {
    unpackRows(backend.runtime, panels, rows, backend.address(y)); // the cache stays in panels
    return y;
  }
  const fromStride = x.shape[1]! * 4;
  const from = backend.address(x) + row * fromStride + column * 4;
  const bytes = columns * 4;
  copyRows(backend, rows, { from, to: backend.address(y), bytes, fromStride, toStride: bytes });
  return y;
}

/** Copies `rows` rows; as one piece where neither side has gaps between them. */
function copyRows({ runtime }: WasmBackend, rows: number, args: KernelArguments<"copyRows">): void {
  const { from, to, bytes, fromStride, toStride } = args;
  if (fromStride === bytes && toStride === bytes) runtime.bytes.copyWithin(to, from, from + bytes * rows);
  else runtime.run("copyRows", rows, Math.max(runtime.share(rows), Math.ceil(32_768 / bytes)), args);
}

function broadcast(kernel: string, a: TensorInfo, b: TensorInfo): RuntimeError {
  return new RuntimeError(
    "kernel_arguments",
    `${kernel} on wasm`,
    `[${a.shape.join(", ")}] and [${b.shape.join(", ")}]`,
    {
      wanted: "shapes of the models: equal ones, or a single number",
    },
  );
}
