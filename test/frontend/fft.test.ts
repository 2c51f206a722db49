import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { normals } from "../helpers/builders/random.ts";
import { FunAsrError } from "../../src/errors.ts";
import { powerSpectrum } from "../../src/frontend/fft.ts";

/** The definition, term by term. */
function naivePower(x: Float64Array): Float64Array {
  const n = x.length;
  return Float64Array.from({ length: n / 2 + 1 }, (_, k) => {
    let re = 0;
    let im = 0;
    for (let i = 0; i < n; i++) {
      const angle = (2 * Math.PI * ((i * k) % n)) / n;
      re += x[i]! * Math.cos(angle);
      im -= x[i]! * Math.sin(angle);
    }
    return re * re + im * im;
  });
}

describe("powerSpectrum", () => {
  it("is the discrete Fourier transform, at any even length", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 300 }), fc.nat(), (half, seed) => {
        const x = Float64Array.from(normals(seed, 2 * half));
        const power = new Float64Array(half + 1);
        powerSpectrum(2 * half)(x, power);
        const wanted = naivePower(x);
        const scale = Math.max(...wanted, 1e-9);
        return wanted.every((value, k) => Math.abs(value - power[k]!) <= 1e-11 * scale);
      }),
      { numRuns: 300 },
    );
  });

  it.each([512, 400, 1024])("is the same for %i points, plan reused", (length) => {
    const transform = powerSpectrum(length);
    for (const seed of [1, 2, 3]) {
      const x = Float64Array.from(normals(seed, length));
      const power = new Float64Array(length / 2 + 1);
      transform(x, power);
      for (const [k, value] of naivePower(x).entries()) expect(power[k]).toBeCloseTo(value, 7);
    }
  });

  it("does not change its input", () => {
    const x = Float64Array.from(normals(5, 512));
    const copy = x.slice();
    powerSpectrum(512)(x, new Float64Array(257));
    expect(x).toEqual(copy);
  });

  it.each([0, -2, 7, 2.5, NaN])("refuses %s points", (length) => {
    expect(() => powerSpectrum(length)).toThrow(FunAsrError);
  });
});
