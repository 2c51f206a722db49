/**
 * Weights that an export holds in integers, as floats: what ONNX Runtime's MatMulInteger, ConvInteger, DequantizeLinear
 * and MatMulNBits take them for, `(q − zero point) · scale` in single precision.
 */
import { halfToFloat } from "../../../kernels/formats/f16.ts";
import type { TensorEntry } from "../../../src/checkpoints/checkpoint.ts";
import { malformed } from "../../../src/checkpoints/malformed.ts";
import type { Scaling } from "./constants.ts";
import { elements } from "./data.ts";
import type { TensorData } from "./data.ts";
import type { OnnxTensor } from "./tensor.ts";
import type { NamedTensor, Nibbles } from "./names.ts";

/** Two nibbles to a byte, the lower one first; an absent zero point is in the middle. */
const nibblesPerByte = 2;
const middle = 8;

/**
 * An F32 entry, [out, in] if it is a matrix; undefined for what is not held in scaled integers. Scales and zero points that do
 * not fit are refused here.
 */
export function dequantized(data: TensorData, named: NamedTensor): TensorEntry | undefined {
  const { name, nibbles, scaling } = named;
  if (nibbles !== undefined) {
    checkNibbles(data, named.tensor, nibbles);
    return floats(name, [nibbles.rows, nibbles.columns], (target) =>
      readNibbles(data, named.tensor, nibbles, target),
    );
  }
  if (scaling === undefined) return undefined;
  checkScaling(data, named.tensor, scaling);
  const shape = named.isTransposed ? named.tensor.shape.toReversed() : named.tensor.shape;
  return floats(name, shape, (target) => readIntegers(data, named, scaling, target));
}

function floats(
  name: string,
  shape: readonly number[],
  fill: (target: Float32Array) => Promise<void>,
): TensorEntry {
  const count = shape.reduce((product, size) => product * size, 1);
  return {
    name,
    shape,
    format: "F32",
    byteLength: 4 * count,
    async read(target, signal) {
      signal?.throwIfAborted();
      const aligned = target.byteOffset % 4 === 0;
      const values = aligned
        ? new Float32Array(target.buffer, target.byteOffset, count)
        : new Float32Array(count);
      await fill(values);
      if (!aligned) target.set(new Uint8Array(values.buffer));
    },
  };
}

function checkScaling(data: TensorData, tensor: OnnxTensor, { scale, zeroPoint, axis }: Scaling): void {
  const { type, shape } = tensor;
  if (type !== "uint8" && type !== "int8")
    throw malformed(data.where(tensor), `${type} weights with a scale`, "uint8 or int8");
  checkScale(data, scale);
  const along = shape[axis < 0 ? axis + shape.length : axis];
  const fits = (part: OnnxTensor): boolean => elements(part) === 1 || elements(part) === along;
  if (!fits(scale)) throw malformed(data.where(scale), `${elements(scale)} scales`, `1 or ${along}`);
  if (zeroPoint === undefined) return;
  if (!fits(zeroPoint) || zeroPoint.type !== type)
    throw malformed(
      data.where(zeroPoint),
      `${elements(zeroPoint)} × ${zeroPoint.type}`,
      `1 or ${along} × ${type}`,
    );
}

function checkScale(data: TensorData, scale: OnnxTensor): void {
  if (scale.type !== "float" && scale.type !== "float16")
    throw malformed(data.where(scale), `a scale of type ${scale.type}`, "float or float16");
}

function checkNibbles(
  data: TensorData,
  tensor: OnnxTensor,
  { rows, columns, block, scale, zeroPoint }: Nibbles,
): void {
  const sizes = [rows, columns, block];
  const sound = sizes.every((size) => size > 0 && size < 2 ** 31) && block % nibblesPerByte === 0;
  const blocks = Math.ceil(columns / block);
  const held = (part: OnnxTensor, count: number): boolean => elements(part) === count;
  const rowBytes = Math.ceil(blocks / nibblesPerByte);
  if (!sound || tensor.type !== "uint8" || !held(tensor, (rows * blocks * block) / nibblesPerByte))
    throw malformed(
      data.where(tensor),
      `[${tensor.shape.join(", ")}]`,
      `4 bits for ${rows} × ${columns} values`,
    );
  checkScale(data, scale);
  if (!held(scale, rows * blocks))
    throw malformed(data.where(scale), `${elements(scale)} scales`, `${rows * blocks}`);
  if (zeroPoint !== undefined && (zeroPoint.type !== "uint8" || !held(zeroPoint, rows * rowBytes)))
    throw malformed(
      data.where(zeroPoint),
      `${elements(zeroPoint)} × ${zeroPoint.type}`,
      `${rows * rowBytes} × uint8`,
    );
}

async function readIntegers(
  data: TensorData,
  { tensor, isTransposed }: NamedTensor,
  { scale, zeroPoint, axis }: Scaling,
  target: Float32Array,
): Promise<void> {
  const integers = signed(await data.whole(tensor), tensor);
  const scales = await readScale(data, scale);
  const zeros = zeroPoint === undefined ? Int8Array.of(0) : signed(await data.whole(zeroPoint), zeroPoint);
  const at = axis < 0 ? axis + tensor.shape.length : axis;
  const inner = tensor.shape.slice(at + 1).reduce((product, size) => product * size, 1);
  const along = tensor.shape[at] ?? 1;
  const [rows, columns] = tensor.shape as readonly [number, number]; // of a matrix: no other tensor is transposed
  for (let i = 0; i < integers.length; i++) {
    const from = isTransposed ? (i % rows) * columns + Math.floor(i / rows) : i;
    const index = Math.floor(from / inner) % along;
    const zero = zeros[zeros.length === 1 ? 0 : index] as number;
    target[i] = ((integers[from] as number) - zero) * (scales[scales.length === 1 ? 0 : index] as number);
  }
}

async function readNibbles(
  data: TensorData,
  tensor: OnnxTensor,
  { rows, columns, block, scale, zeroPoint }: Nibbles,
  target: Float32Array,
): Promise<void> {
  const packed = await data.whole(tensor);
  const scales = await readScale(data, scale);
  const zeros = zeroPoint === undefined ? undefined : await data.whole(zeroPoint);
  const blocks = Math.ceil(columns / block);
  const rowBytes = Math.ceil(blocks / nibblesPerByte);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const at = Math.floor(column / block);
      const zero = zeros === undefined ? middle : nibble(zeros, row * rowBytes * nibblesPerByte + at);
      const q = nibble(packed, (row * blocks + at) * block + (column % block));
      target[row * columns + column] = (q - zero) * (scales[row * blocks + at] as number);
    }
  }
}

function nibble(bytes: Uint8Array, index: number): number {
  return ((bytes[index >> 1] as number) >> (4 * (index & 1))) & 15;
}

function signed(bytes: Uint8Array, { type }: OnnxTensor): Uint8Array | Int8Array {
  return type === "int8" ? new Int8Array(bytes.buffer) : bytes;
}

async function readScale(data: TensorData, scale: OnnxTensor): Promise<Float32Array> {
  const bytes = await data.whole(scale);
  if (scale.type === "float") return new Float32Array(bytes.buffer);
  return Float32Array.from(new Uint16Array(bytes.buffer), halfToFloat);
}
