/** An ONNX export as named tensors that are read on demand, in this file or in the one beside it, turned back. */
import type { Format } from "../../kernels/formats/table.ts";
import type { TensorEntry } from "../../src/checkpoint.ts";
import { ModelFormatError } from "../../src/errors.ts";
import type { RandomAccess } from "../../src/gguf/access.ts";
import { transposed } from "../../src/gguf/shapes.ts";
import type { StateDict } from "../state-dict.ts";
import { checkName, readExternal } from "./external.ts";
import { onnxTypes, readOnnx } from "./model.ts";
import type { OnnxTensor, OnnxType } from "./model.ts";
import { nameTensors } from "./names.ts";
import type { NamedTensor } from "./names.ts";

/** `folder` is where external data may lie. Throws `unsupported_format` for weights in integers. */
export async function openOnnx(access: RandomAccess, folder: string): Promise<StateDict> {
  const named = nameTensors(await readOnnx(access));
  const entries = [...named.values()].map((tensor) => tensorEntry(access, folder, tensor));
  return {
    source: access.name,
    tensors: new Map(entries.map((entry) => [entry.name, entry])),
    [Symbol.asyncDispose]: () => access[Symbol.asyncDispose](),
  };
}

const formats: Readonly<Partial<Record<OnnxType, Format>>> = {
  float: "F32",
  float16: "F16",
  bfloat16: "BF16",
};

function tensorEntry(
  access: RandomAccess,
  folder: string,
  { name, tensor, turned }: NamedTensor,
): TensorEntry {
  const where = `${access.name}, initialiser ${JSON.stringify(tensor.name)}`;
  const { shape, type, data } = tensor;
  const format = formats[type];
  if (format === undefined) {
    throw new ModelFormatError("unsupported_format", where, `${type} weights`, {
      wanted: "float, float16 or bfloat16",
      remedy: "Convert the fp32 or fp16 export; ours is quantised here",
    });
  }
  if (!("begin" in data)) checkName(folder, where, data.file);
  const byteLength = shape.reduce((product, size) => product * size, onnxTypes[type]);
  const readRange: TensorEntry["readRange"] = (offset, target, signal) => {
    signal?.throwIfAborted();
    return read(access, folder, where, tensor, offset, target);
  };
  const entry: TensorEntry = {
    name,
    shape,
    format,
    byteLength,
    readRange,
    read: (target, signal) => readRange(0, target.subarray(0, byteLength), signal),
  };
  const [rows, columns] = shape;
  return turned && rows !== undefined && columns !== undefined ? transposed(entry, rows, columns) : entry;
}

function read(
  access: RandomAccess,
  folder: string,
  where: string,
  { data }: OnnxTensor,
  offset: number,
  target: Uint8Array,
): Promise<void> {
  if ("begin" in data) return access.read(data.begin + offset, target);
  return readExternal(folder, where, data, offset, target);
}
