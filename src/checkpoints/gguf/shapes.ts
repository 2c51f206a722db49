/**
 * Shapes that converters change, turned back into the canonical ones.
 *
 * The kernel of an FSMN memory block is [channels, taps] in our files. PyTorch keeps a dimension of 1 in the middle (and
 * one at the end where it convolves in two dimensions),
 * and the official converters store it tap by tap, [taps, channels]. A kernel has far fewer taps than channels (11 of
 * 512), so the shape shows which it is. Paraformer's alpha head is a matrix of one row; ggml's C library, and with it
 * CrispASR's quantizer, drops outer dimensions of 1.
 */
import { formats } from "../../../kernels/formats/table.ts";
import type { TensorEntry } from "../checkpoint.ts";
import { ModelFormatError } from "../../errors.ts";

/** `tensor` in the shape of our files; unchanged where its shape is no known variant. */
export function canonicalShape(tensor: TensorEntry): TensorEntry {
  if (/\.fsmn_block(\.conv_left)?\.weight$/u.test(tensor.name)) return fsmnKernel(tensor);
  if (tensor.name === "predictor.cif_output.weight" && tensor.shape.length === 1) {
    return { ...tensor, shape: [1, ...tensor.shape] };
  }
  return tensor;
}

function fsmnKernel(tensor: TensorEntry): TensorEntry {
  const shape =
    tensor.shape.length > 2 ? tensor.shape.filter((size, axis) => axis === 0 || size !== 1) : tensor.shape;
  if (shape.length !== 2) return tensor;
  const [rows, columns] = shape as readonly [number, number];
  return rows >= columns ? { ...tensor, shape } : transposed(tensor, rows, columns);
}

/** [rows, columns] → [columns, rows] */
export function transposed(tensor: TensorEntry, rows: number, columns: number): TensorEntry {
  if (formats[tensor.format].blockSize !== 1) {
    const where = `tensor ${tensor.name}`;
    throw new ModelFormatError("bad_tensors", where, `a kernel of ${rows} × ${columns} in ${tensor.format}`, {
      wanted: "F32, F16 or BF16, which can be transposed",
    });
  }
  const { name, format, byteLength } = tensor;
  return {
    name,
    format,
    byteLength,
    shape: [columns, rows],
    async read(target, signal) {
      const source = new Uint8Array(byteLength);
      await tensor.read(source, signal);
      const elements = formats[format].blockBytes === 4 ? Uint32Array : Uint16Array;
      const count = rows * columns;
      const isAligned = target.byteOffset % elements.BYTES_PER_ELEMENT === 0;
      const turned = isAligned
        ? new elements(target.buffer as ArrayBuffer, target.byteOffset, count)
        : new elements(count);
      turn(new elements(source.buffer), turned, rows, columns);
      if (!isAligned) target.set(new Uint8Array(turned.buffer));
    },
  };
}

/** A tile at a time, so that lines of the cache are used up. */
const tile = 32;

function turn<T extends Uint32Array | Uint16Array>(from: T, to: T, rows: number, columns: number): void {
  for (let top = 0; top < rows; top += tile) {
    for (let left = 0; left < columns; left += tile) {
      for (let row = top; row < Math.min(top + tile, rows); row++) {
        for (let column = left; column < Math.min(left + tile, columns); column++)
          to[column * rows + row] = from[row * columns + column] as number;
      }
    }
  }
}
