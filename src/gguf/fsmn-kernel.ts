/**
 * The kernel of an FSMN memory block is [channels, taps] in our files. PyTorch keeps a dimension of 1 in the middle,
 * and the official converter stores it tap by tap, [taps, channels]. A kernel has far fewer taps than channels (11 of
 * 512), so the shape tells which it is. Here every way becomes [channels, taps], row after row.
 */
import { formats } from "../../kernels/formats/table.ts";
import type { TensorEntry } from "../checkpoint.ts";
import { ModelFormatError } from "../errors.ts";

/** `tensor` as [C, K] if it is an FSMN kernel in a shape that we know; else `tensor` itself. */
export function orientFsmnKernel(tensor: TensorEntry): TensorEntry {
  if (!tensor.name.endsWith(".fsmn_block.weight")) return tensor;
  const shape =
    tensor.shape.length === 3 ? tensor.shape.filter((size, axis) => axis !== 1 || size !== 1) : tensor.shape;
  const [rows, columns] = shape;
  if (shape.length !== 2 || rows === undefined || columns === undefined) return tensor;
  return rows >= columns ? { ...tensor, shape } : transposed(tensor, rows, columns);
}

/** [K, C] → [C, K] */
function transposed(tensor: TensorEntry, rows: number, columns: number): TensorEntry {
  const { blockSize, blockBytes } = formats[tensor.format];
  if (blockSize !== 1) {
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
      const source = new Uint8Array(tensor.byteLength);
      await tensor.read(source, signal);
      for (let row = 0; row < rows; row++) {
        for (let column = 0; column < columns; column++) {
          const from = (row * columns + column) * blockBytes;
          target.set(source.subarray(from, from + blockBytes), (column * rows + row) * blockBytes);
        }
      }
    },
  };
}
