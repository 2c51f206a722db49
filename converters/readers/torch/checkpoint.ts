/**
 * A PyTorch checkpoint (`torch.save` of a state dict) as named tensors that are read by offset: a file of gigabytes
 * costs its pickle, some hundred kilobytes.
 */
import type { Format } from "../../../kernels/formats/table.ts";
import type { TensorEntry } from "../../../src/checkpoints/checkpoint.ts";
import type { ByteSource } from "../../../src/platform/bytes.ts";
import { malformed } from "../../../src/checkpoints/malformed.ts";
import type { StateDict } from "../open-model.ts";
import { readArchive, readEntry } from "./archive.ts";
import type { Archive } from "./archive.ts";
import type { ZipEntry } from "../../../src/platform/zip-entry.ts";
import { unpickle } from "./unpickle.ts";
import { describeValue } from "./values.ts";
import type { Dict, Tensor, TorchDtype, Value } from "./values.ts";

/** Views may repeat elements (a stride of 0); all tensors together stay within this multiple of the file. */
const maxExpansion = 4;

/** Opens a checkpoint, wrapped and named in any way that FunASR's own loader takes. */
export async function openTorch(access: ByteSource): Promise<StateDict> {
  const archive = await readArchive(access);
  await checkByteOrder(access, archive);
  const pickle = await readEntry(access, archive, "data.pkl");
  const state = stateDict(unpickle(pickle, `${access.name}, data.pkl`), access.name);

  const tensors = new Map<string, TensorEntry>();
  let total = 0;
  for (const [name, value] of namedTensors(state)) {
    const where = `${access.name}, tensor ${JSON.stringify(name)}`;
    const entry = tensorEntry(access, archive, name, value, where);
    total += entry.byteLength;
    if (total > maxExpansion * access.size) {
      throw malformed(where, `tensors of more than ${total} bytes in a file of ${access.size}`);
    }
    tensors.set(name, entry);
  }
  if (tensors.size === 0) throw malformed(access.name, "no tensors", "a state dict: names and tensors");
  return { source: access.name, tensors, [Symbol.asyncDispose]: () => access[Symbol.asyncDispose]() };
}

async function checkByteOrder(access: ByteSource, archive: Archive): Promise<void> {
  if (!archive.has("byteorder")) return; // PyTorch before 2.1 did not write it, and was little-endian
  const order = String.fromCharCode(...(await readEntry(access, archive, "byteorder")).subarray(0, 20));
  if (order !== "little")
    throw malformed(`${access.name}, byteorder`, JSON.stringify(order.slice(0, 20)), '"little"');
}

/** What may be around the state dict, from the outside to the inside; any of them may be absent. */
const wrappers = ["state_dict", "model_state_dict", "model"] as const;

function stateDict(value: Value, file: string): Dict {
  let dict = value;
  for (const key of wrappers) {
    const inner = isDict(dict) ? dict.entries.get(key) : undefined;
    if (inner !== undefined && isDict(inner)) dict = inner;
  }
  if (!isDict(dict)) throw malformed(file, describeValue(dict), "a state dict");
  return dict;
}

/** Wrappers of models for training on several devices put this before every name. */
const prefix = "module.";

/** The tensors by name. A name with the prefix counts before the same name without it; other values are passed over. */
function namedTensors({ entries }: Dict): readonly (readonly [string, Tensor])[] {
  return [...entries].flatMap(([name, value]): [string, Tensor][] => {
    if (typeof name !== "string" || typeof value !== "object" || value?.kind !== "tensor") return [];
    if (name.startsWith(prefix)) return [[name.slice(prefix.length), value]];
    return isTensor(entries.get(prefix + name)) ? [] : [[name, value]];
  });
}

const isTensor = (value: Value | undefined): boolean => typeof value === "object" && value?.kind === "tensor";

function isDict(value: Value): value is Dict {
  return typeof value === "object" && value?.kind === "dict";
}

/** Formats that a file can hold as they are; other numbers become floats. */
const formats: Readonly<Partial<Record<TorchDtype, Format>>> = {
  float32: "F32",
  float16: "F16",
  bfloat16: "BF16",
};

function tensorEntry(
  access: ByteSource,
  archive: Archive,
  name: string,
  tensor: Tensor,
  where: string,
): TensorEntry {
  const { storage, shape } = tensor;
  const data = archive.get(`data/${storage.key}`);
  if (data === undefined) throw malformed(where, `storage ${storage.key} is not in the archive`);
  if (data.size !== storage.count * storage.type.size) {
    throw malformed(
      where,
      `storage ${storage.key} of ${data.size} bytes`,
      `${storage.count} × ${storage.type.size}`,
    );
  }
  const count = shape.reduce((product, size) => product * size, 1);
  const format = formats[storage.type.dtype];
  const byteLength = count * (format === undefined ? 4 : storage.type.size);
  if (format !== undefined && isContiguous(shape, tensor.strides)) {
    const start = data.offset + tensor.offset * storage.type.size;
    const readRange: TensorEntry["readRange"] = (offset, target, signal) =>
      access.read(start + offset, target, signal);
    return {
      name,
      shape,
      format,
      byteLength,
      readRange,
      read: (target, signal) => readRange(0, target.subarray(0, byteLength), signal),
    };
  }
  return {
    name,
    shape,
    format: format ?? "F32",
    byteLength,
    async read(target, signal) {
      if (count === 0) return;
      const elements = await readElements(access, data, tensor, count, signal);
      target.set(format === undefined ? toFloats(storage.type.dtype, elements, count) : elements);
    },
  };
}

/** The elements in row-major order, whatever the strides. */
async function readElements(
  access: ByteSource,
  data: ZipEntry,
  tensor: Tensor,
  count: number,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  const { offset, shape, strides, storage } = tensor;
  const { size } = storage.type;
  const last = shape.reduce((index, length, axis) => index + (length - 1) * (strides[axis] as number), 0);
  const span = new Uint8Array((last + 1) * size);
  await access.read(data.offset + offset * size, span, signal);
  if (isContiguous(shape, strides)) return span;

  const elements = new Uint8Array(count * size);
  const index = shape.map(() => 0);
  for (let i = 0; i < count; i++) {
    const at = index.reduce((sum, position, axis) => sum + position * (strides[axis] as number), 0) * size;
    elements.set(span.subarray(at, at + size), i * size);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      index[axis] = ((index[axis] as number) + 1) % (shape[axis] as number);
      if (index[axis] !== 0) break;
    }
  }
  return elements;
}

function isContiguous(shape: readonly number[], strides: readonly number[]): boolean {
  let due = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const size = shape[axis] as number;
    if (size !== 1 && strides[axis] !== due) return false;
    due *= size;
  }
  return true;
}

function toFloats(dtype: TorchDtype, bytes: Uint8Array, count: number): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const values = new Float32Array(count);
  const size = bytes.length / Math.max(1, count);
  for (let i = 0; i < count; i++) values[i] = readNumber(view, dtype, i * size);
  return new Uint8Array(values.buffer);
}

function readNumber(view: DataView, dtype: TorchDtype, at: number): number {
  switch (dtype) {
    case "float64":
      return view.getFloat64(at, true);
    case "int64":
      return Number(view.getBigInt64(at, true));
    case "int32":
      return view.getInt32(at, true);
    case "int16":
      return view.getInt16(at, true);
    case "int8":
      return view.getInt8(at);
    default:
      return view.getUint8(at);
  }
}
