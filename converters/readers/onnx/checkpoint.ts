/** An ONNX export as named tensors that are read on demand, in this file or in another of its folder, and transposed where the export has them transposed. */
import type { Format } from "../../../kernels/formats/table.ts";
import type { TensorEntry } from "../../../src/checkpoints/checkpoint.ts";
import { ModelFormatError } from "../../../src/errors.ts";
import type { ByteSource } from "../../../src/platform/bytes.ts";
import { transposed } from "../../../src/checkpoints/gguf/shapes.ts";
import type { StateDict } from "../open-model.ts";
import type { FileSet } from "../../../src/platform/file-set.ts";
import { elements, TensorData } from "./data.ts";
import { dequantized } from "./dequantize.ts";
import { isFoldable, unfolded } from "./folded.ts";
import { lstmEntries } from "./lstm.ts";
import { readOnnx } from "./model.ts";
import type { OnnxModel } from "./model.ts";
import { nameTensors } from "./names.ts";
import type { NamedTensor } from "./names.ts";
import { scalesScores } from "./scores.ts";
import { onnxTypes } from "./tensor.ts";
import type { OnnxTensor, OnnxType } from "./tensor.ts";

export interface OnnxState extends StateDict, Pick<OnnxModel, "inputs" | "outputs" | "metadata"> {
  /** What was done to get the checkpoint's weights. */
  readonly notes: readonly string[];
}

/** `files` is the folder that may hold external data. Closes the file where it throws. */
export async function openOnnx(access: ByteSource, files: FileSet): Promise<OnnxState> {
  try {
    return await read(access, files);
  } catch (error) {
    await access[Symbol.asyncDispose]();
    throw error;
  }
}

async function read(access: ByteSource, files: FileSet): Promise<OnnxState> {
  const model = await readOnnx(access);
  const named = [...nameTensors(model).values()];
  const data = new TensorData(access, files);
  await data.check(named.flatMap(tensorsOf));
  const entries = [...named.map((tensor) => tensorEntry(data, tensor)), ...(await lstmEntries(model, data))];
  const isFolded = isFoldable(named.map(({ name }) => name)) && !scalesScores(model);
  const notes = [
    ...(named.some(({ scaling, nibbles }) => scaling !== undefined || nibbles !== undefined)
      ? [`${access.name} is quantized: its weights are what its integers stand for`]
      : []),
    ...(isFolded ? [`${access.name} has scaled queries and keys in their weights; that is undone`] : []),
  ];
  return {
    source: access.name,
    tensors: new Map(entries.map((entry) => [entry.name, isFolded ? unfolded(entry) : entry])),
    notes,
    inputs: model.inputs,
    outputs: model.outputs,
    metadata: model.metadata,
    [Symbol.asyncDispose]: () => access[Symbol.asyncDispose](),
  };
}

/** All initializers of a weight: its values, scales and zero points. */
function tensorsOf({ tensor, scaling, nibbles }: NamedTensor): readonly OnnxTensor[] {
  return [tensor, scaling?.scale, scaling?.zeroPoint, nibbles?.scale, nibbles?.zeroPoint].filter(
    (part) => part !== undefined,
  );
}

const formats: Readonly<Partial<Record<OnnxType, Format>>> = {
  float: "F32",
  float16: "F16",
  bfloat16: "BF16",
};

function tensorEntry(data: TensorData, named: NamedTensor): TensorEntry {
  const fromIntegers = dequantized(data, named);
  if (fromIntegers !== undefined) return fromIntegers;
  const { name, tensor, isTransposed } = named;
  const { shape, type } = tensor;
  const format = formats[type];
  if (format === undefined) {
    throw new ModelFormatError("unsupported_format", data.where(tensor), `${type} weights without a scale`, {
      wanted: "float, float16, bfloat16, or integers as ONNX Runtime quantizes",
    });
  }
  const byteLength = elements(tensor) * onnxTypes[type];
  const readRange: TensorEntry["readRange"] = (offset, target, signal) => {
    signal?.throwIfAborted();
    return data.read(tensor, offset, target);
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
  return isTransposed && rows !== undefined && columns !== undefined
    ? transposed(entry, rows, columns)
    : entry;
}
