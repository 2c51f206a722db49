/**
 * TensorFlow.js's own kernels that the models use. Others are not registered, and the engine says so by name.
 */
import { util } from "@tensorflow/tfjs-core";
import type { TensorInfo } from "@tensorflow/tfjs-core";
import { RuntimeError } from "../../../src/errors.ts";
import { register, sizeOf } from "../../kernel.ts";
import type { KernelFunction } from "../../kernel.ts";
import type { WasmBackend } from "./backend.ts";
import { elementwise } from "./elementwise.ts";
import { backendName } from "./kernel.ts";

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

/** The same values under another shape. */
const share: Kernel = ({ inputs: { x }, attrs, backend }) => {
  const { dataId, shape, dtype } = x as TensorInfo;
  const wanted = attrs["shape"] as number[] | undefined;
  backend.address(x as TensorInfo); // in rows, if it was a cache in panels
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
  backend.machine.floats(backend.address(y), sizeOf(shape)).fill(value);
  return y;
};

const add: Kernel = ({ inputs, backend }) => {
  const { a, b } = inputs as { a: TensorInfo; b: TensorInfo };
  if (!util.arraysEqual(a.shape, b.shape)) throw broadcast("Add", a, b);
  const y = backend.allocate(a.shape);
  elementwise(
    backend.machine,
    "add",
    backend.address(a),
    backend.address(b),
    backend.address(y),
    sizeOf(a.shape),
  );
  return y;
};

/** By a single number only. */
const multiply: Kernel = ({ inputs, backend }) => {
  const { a, b } = inputs as { a: TensorInfo; b: TensorInfo };
  const [x, factor] = sizeOf(b.shape) === 1 ? [a, b] : [b, a];
  if (sizeOf(factor.shape) !== 1) throw broadcast("Multiply", a, b);
  const y = backend.allocate(x.shape);
  const number = backend.machine.floats(backend.address(factor), 1)[0]!;
  elementwise(backend.machine, "scale", backend.address(x), 0, backend.address(y), sizeOf(x.shape), number);
  return y;
};

const relu: Kernel = ({ inputs, backend }) => {
  const { x } = inputs as { x: TensorInfo };
  const y = backend.allocate(x.shape);
  elementwise(backend.machine, "atLeast", backend.address(x), 0, backend.address(y), sizeOf(x.shape), 0);
  return y;
};

const concat: Kernel = ({ inputs, attrs, backend }) => {
  const parts = (Object.values(inputs) as TensorInfo[]).filter(({ shape }) => sizeOf(shape) > 0);
  const all = Object.values(inputs) as TensorInfo[];
  const axis = util.parseAxisParam(attrs["axis"] as number, all[0]!.shape)[0]!;
  const shape = [...all[0]!.shape];
  shape[axis] = all.reduce((sum, part) => sum + part.shape[axis]!, 0);
  const y = backend.allocate(shape);
  const pitch = sizeOf(shape.slice(axis)) * 4;
  let to = backend.address(y);
  for (const part of parts) {
    const bytes = sizeOf(part.shape.slice(axis)) * 4;
    copyRows(backend, backend.address(part), bytes, to, pitch, bytes, sizeOf(shape.slice(0, axis)));
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
  const pitch = x.shape[1]! * 4;
  const from = backend.address(x) + row * pitch + column * 4;
  copyRows(backend, from, pitch, backend.address(y), columns * 4, columns * 4, rows);
  return y;
}

/** `rows` pieces of `bytes`; one piece where they touch on both sides. */
function copyRows(
  backend: WasmBackend,
  from: number,
  fromRow: number,
  to: number,
  toRow: number,
  bytes: number,
  rows: number,
): void {
  const { machine } = backend;
  if (fromRow === bytes && toRow === bytes) machine.bytes.copyWithin(to, from, from + bytes * rows);
  else
    machine.run("copyRows", rows, Math.max(machine.share(rows), Math.ceil(32_768 / bytes)), [
      from,
      to,
      bytes,
      fromRow,
      toRow,
    ]);
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
