/**
 * The reference kernels define what the fast ones must do, so they are compared with independent arithmetic: hand-made
 * cases, identities, and naive formulas written another way.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fsmnReference } from "../../../kernels/ops/fsmn/reference.ts";
import { layerNormReference } from "../../../kernels/ops/layer-norm/reference.ts";
import { linearReference } from "../../../kernels/ops/linear/reference.ts";
import { qkNormRopeReference } from "../../../kernels/ops/qk-norm-rope/reference.ts";
import { rmsNormReference } from "../../../kernels/ops/rms-norm/reference.ts";
import { ropeReference } from "../../../kernels/ops/rope/reference.ts";
import { swigluReference } from "../../../kernels/ops/swiglu/reference.ts";
import { normals } from "../../helpers/builders/random.ts";

const operand = (values: Float32Array, ...shape: number[]) => ({ values, shape });

const close = (a: Float32Array, b: ArrayLike<number>, digits = 5): void => {
  expect(a.length).toBe(b.length);
  for (let i = 0; i < a.length; i++) expect(a[i]).toBeCloseTo(b[i]!, digits);
};

describe("LayerNorm", () => {
  it("gives rows of mean bias and deviation weight", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 2, max: 40 }),
        fc.nat(),
        (rows, size, seed) => {
          const x = normals(seed, rows * size, 3);
          const y = new Float32Array(x.length);
          const ones = new Float32Array(size).fill(1);
          layerNormReference(
            {
              x: operand(x, rows, size),
              weight: operand(
                ones.map(() => 2),
                size,
              ),
              bias: operand(ones, size),
            },
            { eps: 1e-12 },
            [y],
          );
          for (let r = 0; r < rows; r++) {
            const row = y.subarray(r * size, (r + 1) * size);
            const mean = row.reduce((s, v) => s + v, 0) / size;
            const variance = row.reduce((s, v) => s + (v - mean) ** 2, 0) / size;
            expect(mean).toBeCloseTo(1, 4);
            expect(Math.sqrt(variance)).toBeCloseTo(2, 3);
          }
        },
      ),
    );
  });

  it("adds eps to the variance: a constant row becomes the bias", () => {
    const y = new Float32Array(4);
    const x = new Float32Array(4).fill(7);
    const bias = Float32Array.of(1, 2, 3, 4);
    layerNormReference(
      { x: operand(x, 1, 4), weight: operand(x, 4), bias: operand(bias, 4) },
      { eps: 1e-5 },
      [y],
    );
    close(y, bias);
  });
});

describe("RmsNorm", () => {
  it("normalizes groups as wide as the weight, without subtracting a mean", () => {
    const x = Float32Array.of(3, 4, 6, 8); // two groups of [3, 4], the second doubled
    const y = new Float32Array(4);
    rmsNormReference({ x: operand(x, 1, 4), weight: operand(Float32Array.of(1, 10), 2) }, { eps: 1e-9 }, [y]);
    const rms = Math.sqrt(12.5);
    close(y, [3 / rms, 40 / rms, 3 / rms, 40 / rms]);
  });
});

describe("Linear", () => {
  it("is x·Wᵀ + b for each weight of the group, rectified on request", () => {
    const x = Float32Array.of(1, 2, 3, -1, 0, 1); // [2, 3]
    const w = Float32Array.of(1, 0, 0, -1, -1, -1); // [2, 3]
    const run = (activation: "none" | "relu"): Float32Array[] => {
      const outputs = [new Float32Array(4), new Float32Array(2)];
      linearReference(
        {
          x: operand(x, 2, 3),
          weight0: operand(w, 2, 3),
          bias0: operand(Float32Array.of(10, 0), 2),
          weight1: operand(Float32Array.of(2, 2, 2), 1, 3),
        },
        { formats: ["F32", "F32"], outFeatures: [2, 1], inFeatures: 3, activation },
        outputs,
      );
      return outputs;
    };
    expect(run("none").map((y) => [...y])).toEqual([
      [11, -6, 9, 0],
      [12, 0],
    ]);
    expect(run("relu").map((y) => [...y])).toEqual([
      [11, 0, 9, 0],
      [12, 0],
    ]);
  });
});

describe("Rope", () => {
  it("keeps lengths, leaves position 0 alone, and makes products depend on distances only", () => {
    const attrs = { headDim: 8, theta: 10_000 };
    const turn = (x: Float32Array, position: number): Float32Array => {
      const y = new Float32Array(8);
      ropeReference({ x: operand(x, 1, 8) }, { ...attrs, position }, [y]);
      return y;
    };
    const dot = (a: Float32Array, b: Float32Array): number => a.reduce((s, v, i) => s + v * b[i]!, 0);
    const a = normals(8, 8);
    const b = normals(9, 8);
    close(turn(a, 0), a, 6);
    expect(dot(turn(a, 17), turn(a, 17))).toBeCloseTo(dot(a, a), 4);
    expect(dot(turn(a, 13), turn(b, 4))).toBeCloseTo(dot(turn(a, 59), turn(b, 50)), 4);
    expect(dot(turn(a, 13), turn(b, 4))).not.toBeCloseTo(dot(turn(a, 13), turn(b, 5)), 2);
  });

  it("rotates the pair (j, j + D/2) by position · theta^(−2j/D)", () => {
    const y = new Float32Array(4);
    ropeReference(
      { x: operand(Float32Array.of(1, 1, 0, 0), 1, 4) },
      { headDim: 4, theta: 100, position: 2 },
      [y],
    );
    close(y, [Math.cos(2), Math.cos(0.2), Math.sin(2), Math.sin(0.2)]);
  });
});

it("QkNormRope is RmsNorm, then Rope", () => {
  const x = operand(normals(10, 3 * 8), 3, 8);
  const weight = operand(normals(11, 4), 4);
  const attrs = { eps: 1e-6, headDim: 4, theta: 1e6, position: 5 };
  const normed = new Float32Array(24);
  const expected = new Float32Array(24);
  const fused = new Float32Array(24);
  rmsNormReference({ x, weight }, attrs, [normed]);
  ropeReference({ x: operand(normed, 3, 8) }, attrs, [expected]);
  qkNormRopeReference({ x, weight }, attrs, [fused]);
  expect([...fused]).toEqual([...expected]);
});

it("SwiGlu is silu(gate) · up", () => {
  const y = new Float32Array(3);
  swigluReference(
    { gate: operand(Float32Array.of(0, 1, -20), 1, 3), up: operand(Float32Array.of(5, 2, 3), 1, 3) },
    {},
    [y],
  );
  close(y, [0, 2 / (1 + Math.exp(-1)), -60 / (1 + Math.exp(20))]);
});

it("Fsmn adds a depthwise correlation over time, zero outside, to its input", () => {
  const v = operand(Float32Array.of(1, 10, 2, 20, 3, 30), 3, 2);
  const kernel = operand(Float32Array.of(1, 0, 0, 0, 0, 1), 2, 3); // channel 0 looks back, channel 1 ahead
  const y = new Float32Array(6);
  fsmnReference({ v, kernel }, { left: 1 }, [y]);
  expect([...y]).toEqual([1, 30, 3, 50, 5, 30]);
  fsmnReference({ v, kernel }, { left: 2 }, [y]); // causal: the last tap is the row itself
  expect([...y]).toEqual([1, 20, 2, 40, 4, 60]);
});
