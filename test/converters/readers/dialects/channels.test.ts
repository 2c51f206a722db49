/** MLX's kernels [out, taps, in] become PyTorch's [out, in, taps]; those in blocks of GGML's formats cannot. */
import { expect, test } from "vitest";
import { channelsFirst } from "../../../../converters/readers/dialects/channels.ts";
import type { TensorEntry } from "../../../../src/checkpoints/checkpoint.ts";

const entry = (format: TensorEntry["format"], shape: readonly number[], bytes: Uint8Array): TensorEntry => ({
  name: "conv.weight",
  shape,
  format,
  byteLength: bytes.length,
  read: async (target) => target.set(bytes),
});

test("taps and inputs change places, of three dimensions only", async () => {
  const kernel = entry(
    "F16",
    [2, 3, 2],
    new Uint8Array(Uint16Array.from({ length: 12 }, (_, i) => i).buffer),
  );
  const turned = channelsFirst(kernel);
  expect(turned.shape).toEqual([2, 2, 3]);
  const bytes = new Uint8Array(turned.byteLength);
  await turned.read(bytes);
  expect([...new Uint16Array(bytes.buffer)]).toEqual([0, 2, 4, 1, 3, 5, 6, 8, 10, 7, 9, 11]);
  const matrix = entry("Q8_0", [3, 32], new Uint8Array(102));
  expect(channelsFirst(matrix)).toBe(matrix);
});

test("a kernel in blocks is refused", () => {
  expect(() => channelsFirst(entry("Q8_0", [1, 3, 32], new Uint8Array(102)))).toThrow(
    expect.objectContaining({ code: "bad_tensors", where: "tensor conv.weight" }),
  );
});
