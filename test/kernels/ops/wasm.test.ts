/** Kernels of the `wasm` backend against their references, on random shapes. */
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { cif } from "../../../kernels/ops/cif/index.ts";
import { cifReference } from "../../../kernels/ops/cif/reference.ts";
import { convTranspose } from "../../../kernels/ops/conv-transpose/index.ts";
import { convTransposeReference } from "../../../kernels/ops/conv-transpose/reference.ts";
import { fsmn } from "../../../kernels/ops/fsmn/index.ts";
import { fsmnReference } from "../../../kernels/ops/fsmn/reference.ts";
import { layerNorm } from "../../../kernels/ops/layer-norm/index.ts";
import { layerNormReference } from "../../../kernels/ops/layer-norm/reference.ts";
import { lstm } from "../../../kernels/ops/lstm/index.ts";
import { lstmReference } from "../../../kernels/ops/lstm/reference.ts";
import { qkNormRope } from "../../../kernels/ops/qk-norm-rope/index.ts";
import { qkNormRopeReference } from "../../../kernels/ops/qk-norm-rope/reference.ts";
import { rmsNorm } from "../../../kernels/ops/rms-norm/index.ts";
import { rmsNormReference } from "../../../kernels/ops/rms-norm/reference.ts";
import { rope } from "../../../kernels/ops/rope/index.ts";
import { ropeReference } from "../../../kernels/ops/rope/reference.ts";
import { swiglu } from "../../../kernels/ops/swiglu/index.ts";
import { swigluReference } from "../../../kernels/ops/swiglu/reference.ts";
import { unfold } from "../../../kernels/ops/unfold/index.ts";
import { unfoldReference } from "../../../kernels/ops/unfold/reference.ts";
import { natural, normals } from "../../helpers/builders/random.ts";
import { nmse, operand, runReference, runWasm, startWasm } from "../../helpers/environment/wasm-kernels.ts";

const tolerance = 1e-7;

beforeAll(() => startWasm());

describe("LayerNorm", () => {
  it("equals its reference", () => {
    fc.assert(
      fc.property(natural(70), natural(1023), fc.nat(), (rows, size, seed) => {
        const inputs = {
          x: operand(normals(seed, rows * size, 3), rows, size),
          weight: operand(normals(seed + 1, size), size),
          bias: operand(normals(seed + 2, size), size),
        };
        const attrs = { eps: 1e-5 };
        const [wanted] = runReference(layerNorm, layerNormReference, inputs, attrs);
        expect(nmse(runWasm(layerNorm, inputs, attrs)[0]!, wanted!)).toBeLessThan(tolerance);
      }),
    );
  });
});

describe("RmsNorm", () => {
  it("equals its reference, whole rows or groups of them", () => {
    fc.assert(
      fc.property(natural(70), natural(4), natural(300), fc.nat(), (rows, groups, size, seed) => {
        const inputs = {
          x: operand(normals(seed, rows * groups * size), rows, groups * size),
          weight: operand(normals(seed + 1, size), size),
        };
        const attrs = { eps: 1e-6 };
        const [wanted] = runReference(rmsNorm, rmsNormReference, inputs, attrs);
        expect(nmse(runWasm(rmsNorm, inputs, attrs)[0]!, wanted!)).toBeLessThan(tolerance);
      }),
    );
  });
});

describe("Rope and QkNormRope", () => {
  it("equal their references at any position", () => {
    fc.assert(
      fc.property(
        natural(20),
        natural(5),
        natural(70),
        fc.integer({ min: 0, max: 2000 }),
        fc.nat(),
        (rows, heads, half, position, seed) => {
          const headDim = 2 * half;
          const x = operand(normals(seed, rows * heads * headDim), rows, heads * headDim);
          const attrs = { headDim, theta: 1e6, position, eps: 1e-6 };
          const [turned] = runReference(rope, ropeReference, { x }, attrs);
          expect(nmse(runWasm(rope, { x }, attrs)[0]!, turned!)).toBeLessThan(tolerance);

          const inputs = { x, weight: operand(normals(seed + 1, headDim), headDim) };
          const [normed] = runReference(qkNormRope, qkNormRopeReference, inputs, attrs);
          expect(nmse(runWasm(qkNormRope, inputs, attrs)[0]!, normed!)).toBeLessThan(tolerance);
        },
      ),
    );
  });
});

describe("SwiGlu", () => {
  it("equals its reference, far from zero too", () => {
    fc.assert(
      fc.property(
        natural(60),
        natural(999),
        fc.constantFrom(1, 10, 200),
        fc.nat(),
        (rows, size, deviation, seed) => {
          const inputs = {
            gate: operand(normals(seed, rows * size, deviation), rows, size),
            up: operand(normals(seed + 1, rows * size), rows, size),
          };
          const [wanted] = runReference(swiglu, swigluReference, inputs, {});
          expect(nmse(runWasm(swiglu, inputs, {})[0]!, wanted!)).toBeLessThan(tolerance);
        },
      ),
    );
  });
});

describe("Fsmn", () => {
  it("equals its reference for any number of taps on either side", () => {
    fc.assert(
      fc.property(
        natural(60),
        natural(130),
        natural(12),
        fc.nat(),
        fc.nat(),
        (frames, channels, taps, at, seed) => {
          const inputs = {
            v: operand(normals(seed, frames * channels), frames, channels),
            kernel: operand(normals(seed + 1, channels * taps), channels, taps),
          };
          const attrs = { left: at % taps };
          const [wanted] = runReference(fsmn, fsmnReference, inputs, attrs);
          expect(nmse(runWasm(fsmn, inputs, attrs)[0]!, wanted!)).toBeLessThan(tolerance);
        },
      ),
    );
  });

  it("gives channels the same bytes, however many others are beside them", () => {
    const [frames, channels, taps] = [7, 44, 5];
    const v = normals(1, frames * channels);
    const kernel = normals(2, channels * taps);
    const [all] = runWasm(
      fsmn,
      { v: operand(v, frames, channels), kernel: operand(kernel, channels, taps) },
      { left: 2 },
    );
    for (let count = 4; count < channels; count += 4) {
      const first = (values: Float32Array): Float32Array => values.filter((_, i) => i % channels < count);
      const inputs = {
        v: operand(first(v), frames, count),
        kernel: operand(kernel.slice(0, count * taps), count, taps),
      };
      expect(runWasm(fsmn, inputs, { left: 2 })[0], `${count} channels`).toEqual(first(all!));
    }
  });
});

describe("Lstm", () => {
  it("equals its reference in both directions", () => {
    fc.assert(
      fc.property(natural(30), natural(50), fc.boolean(), fc.nat(), (frames, size, reverse, seed) => {
        const inputs = {
          x: operand(normals(seed, frames * 4 * size), frames, 4 * size),
          weight: operand(normals(seed + 1, 4 * size * size, 0.2), 4 * size, size),
          bias: operand(normals(seed + 2, 4 * size), 4 * size),
        };
        const first = seed % (frames + 1);
        for (const lengths of [undefined, [first, frames - first]]) {
          const [wanted] = runReference(lstm, lstmReference, inputs, { reverse, lengths });
          expect(nmse(runWasm(lstm, inputs, { reverse, lengths })[0]!, wanted!)).toBeLessThan(tolerance);
        }
      }),
    );
  });
});

describe("ConvTranspose", () => {
  it("equals its reference", () => {
    fc.assert(
      fc.property(
        natural(20),
        natural(40),
        natural(30),
        natural(4),
        fc.nat(),
        (frames, inputSize, size, taps, seed) => {
          const inputs = {
            x: operand(normals(seed, frames * inputSize), frames, inputSize),
            weight: operand(normals(seed + 1, inputSize * size * taps), inputSize, size, taps),
            bias: operand(normals(seed + 2, size), size),
          };
          const [wanted] = runReference(convTranspose, convTransposeReference, inputs, {});
          expect(nmse(runWasm(convTranspose, inputs, {})[0]!, wanted!)).toBeLessThan(tolerance);
        },
      ),
    );
  });
});

describe("Unfold and Cif", () => {
  it("are their references", () => {
    const x = operand(normals(1, 19 * 12), 19, 12);
    const window = { left: 2, right: 1 };
    expect(runWasm(unfold, { x }, window)).toEqual(runReference(unfold, unfoldReference, { x }, window));

    const inputs = {
      hidden: x,
      alphas: operand(
        normals(2, 20).map((alpha) => Math.abs(alpha) / 2),
        20,
      ),
    };
    for (const recipe of ["prefix", "loop"] as const) {
      const attrs = { recipe, tokens: 5 };
      expect(runWasm(cif, inputs, attrs)).toEqual(runReference(cif, cifReference, inputs, attrs));
    }
  });
});
