/** Kernels of convolutions as MLX has them, [out, taps, in], turned to PyTorch's [out, in, taps]. */
import { formats } from "../../../kernels/formats/table.ts";
import type { TensorEntry } from "../../../src/checkpoints/checkpoint.ts";
import { ModelFormatError } from "../../../src/errors.ts";

/** A tensor of another rank stays as it is: its shape is refused later. Throws `bad_tensors` for block formats. */
export function channelsFirst(entry: TensorEntry): TensorEntry {
  if (entry.shape.length !== 3) return entry;
  const [out, taps, inner] = entry.shape as readonly [number, number, number];
  const { blockSize, blockBytes } = formats[entry.format];
  if (blockSize !== 1) {
    throw new ModelFormatError("bad_tensors", `tensor ${entry.name}`, `a kernel in ${entry.format}`, {
      wanted: "F32, F16 or BF16, which can be transposed",
    });
  }
  const { name, format, byteLength } = entry;
  return {
    name,
    format,
    byteLength,
    shape: [out, inner, taps],
    async read(target, signal) {
      const source = new Uint8Array(byteLength);
      await entry.read(source, signal);
      for (let o = 0; o < out; o++) {
        for (let i = 0; i < inner; i++) {
          for (let tap = 0; tap < taps; tap++) {
            const from = ((o * taps + tap) * inner + i) * blockBytes;
            target.set(source.subarray(from, from + blockBytes), ((o * inner + i) * taps + tap) * blockBytes);
          }
        }
      }
    },
  };
}
