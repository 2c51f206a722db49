/**
 * Weight matrices in TensorFlow's memory. Packed, a matrix is one row of bytes, first all quants [N·K] and then all
 * scales [N·K/32] of half precision: half of the memory of a matrix of halves, but decoded for each product. The bytes
 * are signed: TensorFlow has all of these operations on GPUs for signed bytes only.
 * Expanded, it is a plain matrix [N, K] of the type that products are computed in.
 */
import { requantizeRows, unpackRow } from "../../formats/index.ts";
import { byteLength } from "../../formats/table.ts";
import type { Format } from "../../formats/table.ts";
import type { TensorflowOptions } from "../../backend.ts";
import type { EncodedTensor, WeightStore } from "../../weight-store.ts";
import { EagerOps } from "./eager.ts";
import type { OpBuilder, TensorValue } from "./op-builder.ts";
import type { NativeBackend, Type } from "./native.ts";

const blockSize = 32;
const blockBytes = byteLength("Q8_0", blockSize);

export type WeightOptions = Required<Pick<TensorflowOptions, "arithmetic" | "expanded">>;

/** A matrix as an operand of its product: [N, K]. */
export function denseWeight(
  f: OpBuilder,
  stored: TensorValue,
  rows: number,
  columns: number,
  arithmetic: Type,
): TensorValue {
  if (stored.type !== "int8") return f.cast(stored, arithmetic);
  const { quants, scales } = packedParts(f, stored, rows, columns);
  return decoded(f, quants, scales, rows, arithmetic);
}

/** Some rows of a matrix, as float32. */
export function weightRows(
  f: OpBuilder,
  stored: TensorValue,
  rows: number,
  columns: number,
  ids: TensorValue,
): TensorValue {
  if (stored.type !== "int8") return f.cast(f.gather(stored, ids), "float32");
  const { quants, scales } = packedParts(f, stored, rows, columns);
  // Gathered as 32-bit words: TensorFlow cannot gather bytes on GPUs.
  const blocks = columns / blockSize;
  const words = f.bitcast(f.reshape(quants, rows, columns / 4, 4), "int32", [rows, columns / 4]);
  const count = ids.shape[0]!;
  const gathered = f.bitcast(f.gather(words, ids), "int8", [count, columns / 4, 4]);
  return decoded(f, f.reshape(gathered, count, blocks, blockSize), f.gather(scales, ids), count, "float32");
}

function packedParts(
  f: OpBuilder,
  packed: TensorValue,
  rows: number,
  columns: number,
): { quants: TensorValue; scales: TensorValue } {
  const blocks = columns / blockSize;
  const count = rows * columns;
  const bytes = f.reshape(f.slice(packed, [0], [count]), rows, blocks, blockSize);
  const halves = f.reshape(f.slice(packed, [count], [2 * rows * blocks]), rows, blocks, 1, 2);
  return {
    quants: f.bitcast(bytes, "int8", [rows, blocks, blockSize]),
    scales: f.bitcast(halves, "half", [rows, blocks, 1]),
  };
}

function decoded(
  f: OpBuilder,
  quants: TensorValue,
  scales: TensorValue,
  rows: number,
  type: Type,
): TensorValue {
  const values = f.mul(f.cast(quants, type), f.cast(scales, type)); // [rows, blocks, 32]
  return f.reshape(values, rows, values.shape[1]! * blockSize);
}

export function tensorflowWeightStore(
  backend: () => NativeBackend,
  options: () => WeightOptions,
): WeightStore {
  return {
    async load(source, signal) {
      const bytes = new Uint8Array(source.byteLength);
      await source.read(bytes, signal);
      const ops = new EagerOps(backend());
      return { info: ops.finish([store(ops, source, bytes, options())])[0]!, format: source.format };
    },
  };
}

function store(
  f: EagerOps,
  { format, shape }: EncodedTensor,
  bytes: Uint8Array,
  options: WeightOptions,
): TensorValue {
  const [rows, columns] = shape as readonly [number, number];
  const { arithmetic, expanded } = options;
  if (format === "F32") return f.cast(f.upload(floatsOf(bytes), "float32", [rows, columns]), arithmetic);
  if (format === "F16" || format === "BF16") {
    const type = format === "F16" ? "half" : "bfloat16";
    const halves = f.bitcast(f.upload(bytes, "uint8", [rows, columns, 2]), type, [rows, columns]);
    return expanded ? f.cast(halves, arithmetic) : halves;
  }
  if (format === "Q8_0" || !expanded) {
    const parts = separate(format === "Q8_0" ? bytes : requantized(format, bytes, columns, rows * columns));
    const packed = f.bitcast(f.upload(parts, "uint8"), "int8", [parts.length]);
    return expanded ? denseWeight(f, packed, rows, columns, arithmetic) : packed;
  }
  const values = new Float32Array(rows * columns);
  unpackRow(format, bytes, 0, values, values.length);
  return f.cast(f.upload(values, "float32", [rows, columns]), arithmetic);
}

/** Blocks of a scale and 32 quants, as all quants and then all scales. */
function separate(blocks: Uint8Array): Uint8Array {
  const count = blocks.length / blockBytes;
  const packed = new Uint8Array(blocks.length);
  const scales = packed.subarray(count * blockSize);
  for (let block = 0, from = 0; block < count; block++, from += blockBytes) {
    scales[2 * block] = blocks[from]!;
    scales[2 * block + 1] = blocks[from + 1]!;
    packed.set(blocks.subarray(from + 2, from + blockBytes), block * blockSize);
  }
  return packed;
}

/** Blocks of any format as those of Q8_0. */
function requantized(format: Format, bytes: Uint8Array, columns: number, count: number): Uint8Array {
  const target = new Uint8Array(byteLength("Q8_0", count));
  requantizeRows(format, bytes, "Q8_0", target, columns);
  return target;
}

function floatsOf(bytes: Uint8Array): Float32Array {
  return new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
}
