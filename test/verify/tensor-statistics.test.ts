/** Figures of tensors: the same from pieces as from all values at once, in memory that does not grow with the tensor. */
import { expect, test } from "vitest";
import { quantizeRow, unpackRow } from "../../kernels/formats/index.ts";
import { byteLength } from "../../kernels/formats/table.ts";
import type { Format } from "../../kernels/formats/table.ts";
import type { TensorEntry } from "../../src/checkpoints/checkpoint.ts";
import { tensorStatistics } from "../../src/verify/tensor-statistics.ts";

const columns = 512;

/** A tensor whose bytes repeat those of `rows`; what is read at once is recorded. */
function repeated(format: Format, rows: Float32Array, times: number, ranges = true) {
  const bytes = new Uint8Array(byteLength(format, rows.length));
  quantizeRow(format, rows, bytes, 0, rows.length);
  const reads: number[] = [];
  const fill = (offset: number, target: Uint8Array): void => {
    reads.push(target.length);
    for (let i = 0; i < target.length; i += 1) target[i] = bytes[(offset + i) % bytes.length]!;
  };
  const entry: TensorEntry = {
    name: "t",
    shape: [(rows.length / columns) * times, columns],
    format,
    byteLength: bytes.length * times,
    read: async (target) => fill(0, target),
    ...(ranges ? { readRange: async (offset: number, target: Uint8Array) => fill(offset, target) } : {}),
  };
  const values = new Float32Array(rows.length);
  unpackRow(format, bytes, 0, values, values.length);
  return { entry, values, reads };
}

const wave = Float32Array.from({ length: 1024 }, (_, i) => (i % 7 === 0 ? 0 : Math.sin(i) * 3));

test.each<Format>(["F32", "F16", "BF16", "Q8_0", "Q4_K", "Q6_K", "Q5_1"])(
  "of %s, read in pieces",
  async (format) => {
    const { entry, values, reads } = repeated(format, wave, 3000);
    const found = await tensorStatistics(entry);
    const sum = values.reduce((a, b) => a + b, 0);
    const squares = values.reduce((a, b) => a + b * b, 0);
    expect(found.count).toBe(3_072_000);
    expect(found.mean).toBeCloseTo(sum / 1024, 9);
    expect(found.rms).toBeCloseTo(Math.sqrt(squares / 1024), 9);
    expect(found.largest).toBe(values.reduce((a, b) => Math.max(a, Math.abs(b)), 0));
    expect(Math.max(...reads)).toBeLessThanOrEqual(2 ** 20);
    const whole = repeated(format, wave, 3000, false);
    expect(await tensorStatistics(whole.entry)).toEqual(found);
    expect(whole.reads).toEqual([entry.byteLength]);
  },
);

test("a run of zeros is found across pieces, and NaN and infinity are counted and left out", async () => {
  const rows = new Float32Array(2 ** 19 + 512).fill(1);
  rows.fill(0, 2 ** 18 - 20, 2 ** 18 + 30);
  rows.set([NaN, Infinity, -Infinity], 5);
  const { entry } = repeated("F32", rows, 1);
  expect(await tensorStatistics(entry)).toMatchObject({
    nonFinite: 3,
    largest: 1,
    zeros: { length: 50, from: 2 ** 18 - 20 },
  });
});

test("stops when it is told to", async () => {
  const { entry } = repeated("F32", wave, 10);
  await expect(tensorStatistics(entry, AbortSignal.abort("enough"))).rejects.toBe("enough");
});
