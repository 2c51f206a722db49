/** What must hold for any values: error bounds, idempotence, and nothing written beside the target. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { floatToHalf, halfToFloat } from "../../../kernels/formats/f16.ts";
import { quantizeRow, unpackRow } from "../../../kernels/formats/index.ts";
import { byteLength, formats } from "../../../kernels/formats/table.ts";
import type { Format } from "../../../kernels/formats/table.ts";

/** Weights as trained networks have them: a bell of some width, an offset, now and then an outlier. */
function weights(blocks: number, blockSize: number): fc.Arbitrary<Float32Array> {
  return fc
    .record({
      seed: fc.integer({ min: 1, max: 2 ** 31 - 1 }),
      width: fc.double({ min: -2, max: 1, noNaN: true }),
      offset: fc.constantFrom(0, 0, 1, -0.3),
      outlier: fc.constantFrom(0, 0, 5, -20),
    })
    .map(({ seed, width, offset, outlier }) => {
      let s = seed;
      const uniform = () => (s = Math.imul(s ^ (s >>> 15), 0x2c1b3c6d) + 0x9e3779b9 || 1) / 2 ** 31;
      const values = Float32Array.from({ length: blocks * blockSize }, () => {
        return (uniform() + uniform() + uniform() + offset) * 10 ** width;
      });
      if (outlier !== 0) values[seed % values.length] = outlier * 10 ** width;
      return values;
    });
}

function pack(format: Format, values: Float32Array): Uint8Array {
  const bytes = new Uint8Array(byteLength(format, values.length));
  quantizeRow(format, values, bytes, 0, values.length);
  return bytes;
}

function unpack(format: Format, bytes: Uint8Array, count: number): Float32Array {
  const values = new Float32Array(count);
  unpackRow(format, bytes, 0, values, count);
  return values;
}

interface Bounds {
  /** Of any one value, in units of its block's range; K formats weigh large values and promise nothing for one. */
  readonly step?: number;
  /** √(Σ error² / Σ x²) */
  readonly relative: number;
}

const bounds: Readonly<Record<Exclude<Format, "F32" | "F16" | "BF16">, Bounds>> = {
  Q8_0: { step: 0.5 / 127, relative: 0.01 },
  Q4_0: { step: 1 / 8, relative: 0.16 }, // the end opposite to the extreme is cut off at level 15
  Q4_1: { step: 0.5 / 15, relative: 0.1 },
  Q5_0: { step: 1 / 16, relative: 0.08 },
  Q5_1: { step: 0.5 / 31, relative: 0.05 },
  Q4_K: { relative: 0.05 },
  Q5_K: { relative: 0.025 },
  Q6_K: { relative: 0.02 },
};

function norm(values: Float32Array): number {
  return Math.sqrt(values.reduce((sum, x) => sum + x * x, 0));
}

describe.each(Object.entries(bounds))("%s", (name, { step, relative }) => {
  const format = name as Format;
  const { blockSize, blockBytes } = formats[format];

  test("the whole is as near as the format's bits promise", () => {
    fc.assert(
      fc.property(weights(2, blockSize), (values) => {
        const decoded = unpack(format, pack(format, values), values.length);
        const errors = decoded.map((x, i) => x - (values[i] as number));
        expect(norm(errors) / norm(values)).toBeLessThanOrEqual(relative);
        if (step === undefined) return;
        for (let start = 0; start < values.length; start += blockSize) {
          const part = values.subarray(start, start + blockSize);
          const range = Math.max(...part, 0) - Math.min(...part, 0);
          const allowed = range * (step * 1.01 + 2 ** -10); // scale and minimum were rounded to halves
          const worst = Math.max(...errors.subarray(start, start + blockSize).map(Math.abs));
          expect(worst).toBeLessThanOrEqual(allowed);
        }
      }),
      { numRuns: 100 },
    );
  });

  test("rows are independent: one call for many equals many calls", () => {
    fc.assert(
      fc.property(weights(3, blockSize), (values) => {
        const together = pack(format, values);
        const apart = [0, 1, 2].map((i) => pack(format, values.slice(i * blockSize, (i + 1) * blockSize)));
        expect(Buffer.concat(apart).equals(together)).toBe(true);
      }),
      { numRuns: 30 },
    );
  });

  test("at an odd offset, with a guard on both sides", () => {
    fc.assert(
      fc.property(weights(2, blockSize), (values) => {
        const expected = pack(format, values);
        const bytes = new Uint8Array(expected.length + 8).fill(0xa5);
        quantizeRow(format, values, bytes, 3, values.length);
        expect([...bytes.subarray(3, 3 + expected.length)]).toEqual([...expected]);
        expect([...bytes.subarray(0, 3), ...bytes.subarray(3 + expected.length)]).toEqual(
          Array(8).fill(0xa5),
        );
        const target = new Float32Array(values.length + 1).fill(7);
        unpackRow(format, bytes, 3, target, values.length);
        expect([...target]).toEqual([...unpack(format, expected, values.length), 7]);
      }),
      { numRuns: 30 },
    );
  });

  test("any bytes decode without a fault", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: blockBytes, maxLength: blockBytes }), (bytes) => {
        expect(unpack(format, bytes, blockSize)).toHaveLength(blockSize);
      }),
      { numRuns: 100 },
    );
  });
});

test("Q8_0 is idempotent where a scale has a half's precision", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -127, max: 127 }), { minLength: 31, maxLength: 31 }), (levels) => {
      const values = Float32Array.from([127, ...levels], (level) => level * 0.03125);
      expect([...unpack("Q8_0", pack("Q8_0", values), 32)].map((x) => x + 0)).toEqual(
        [...values].map((x) => x + 0),
      );
    }),
  );
});

test("every half that is a number is unchanged after conversion to a float and back", () => {
  const all = Array.from({ length: 0x10000 }, (_, half) => half);
  const numbers = all.filter((half) => !Number.isNaN(halfToFloat(half)));
  expect(numbers).toHaveLength(0x10000 - 2 * 1023);
  expect(numbers.map((half) => floatToHalf(halfToFloat(half)))).toEqual(numbers);
});

test("a float becomes the nearest half, and the even one of two", () => {
  fc.assert(
    fc.property(fc.float({ min: -65504, max: 65504, noNaN: true }), (value) => {
      const half = floatToHalf(value);
      const error = Math.abs(halfToFloat(half) - value);
      for (const other of [half - 1, half + 1]) {
        const distance = Math.abs(halfToFloat(other & 0xffff) - value);
        if (Number.isNaN(distance)) continue;
        const tie = error === distance && error > 0;
        expect(error < distance || error === 0 || (tie && half % 2 === 0)).toBe(true);
      }
    }),
    { numRuns: 2000 },
  );
});

test("BF16 keeps what fits into its 8 bits of precision", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 0xffff }), (upper) => {
      const value = new Float32Array(Uint32Array.of(upper << 16).buffer);
      if (Number.isNaN(value[0])) return;
      expect([...pack("BF16", value)]).toEqual([upper & 0xff, upper >> 8]);
      expect(unpack("BF16", pack("BF16", value), 1)).toEqual(value);
    }),
  );
});
