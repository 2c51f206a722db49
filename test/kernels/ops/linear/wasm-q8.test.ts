/** Linear of the `wasm` backend with Q8_0 weights: odd shapes, and the same bytes for any batch. */
import fc from "fast-check";
import type { Tensor } from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { unpackRow } from "../../../../kernels/formats/index.ts";
import type { Activation } from "../../../../kernels/ops/linear/index.ts";
import { natural, normals } from "../../../helpers/builders/random.ts";
import { encode, nmse, operand, startWasm, weightsOf } from "../../../helpers/environment/wasm-kernels.ts";
import { byDefinition, onWasm } from "../../../helpers/environment/wasm-linear.ts";

const activations = fc.constantFrom<Activation>("none", "relu");

beforeAll(() => startWasm());

/** What the quantized products see of an activation: blocks of 32 as integer times scale, in float32 arithmetic. */
function rounded(x: Float32Array): Float32Array {
  const y = new Float32Array(x.length);
  for (let start = 0; start < x.length; start += 32) {
    const block = x.subarray(start, start + 32);
    const largest = block.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    const inverse = largest > 0 ? Math.fround(127 / largest) : 0;
    const scale = Math.fround(largest / 127);
    // The sum is rounded once, whether the processor fuses it or not: products below 2^7 keep all that matters.
    for (const [i, value] of block.entries()) y[start + i] = toEven(value * inverse) * scale;
  }
  return y;
}

function toEven(value: number): number {
  const down = Math.floor(value);
  const rest = value - down;
  if (rest === 0.5) return down % 2 === 0 ? down : down + 1;
  return rest < 0.5 ? down : down + 1;
}

describe("Linear with Q8_0 weights", () => {
  it("equals the exact product of what was quantized, for grouped matrices of any size", async () => {
    await fc.assert(
      fc.asyncProperty(
        natural(40),
        natural(9),
        fc.array(natural(90), { minLength: 1, maxLength: 3 }),
        fc.boolean(),
        activations,
        fc.nat(),
        async (frames, blocks, sizes, biased, activation, seed) => {
          const columns = 32 * blocks;
          const x = normals(seed, frames * columns, 2);
          const { encoded, tensors } = await weightsOf("Q8_0", sizes, columns, seed + 1);
          const bias = sizes.map((rows, i) =>
            biased ? operand(normals(seed + 9 + i, rows), rows) : undefined,
          );
          const attrs = {
            formats: sizes.map(() => "Q8_0" as const),
            outFeatures: sizes,
            inFeatures: columns,
            activation,
          };
          const named = (w: readonly (Tensor | ReturnType<typeof operand>)[]) => ({
            weight0: w[0],
            weight1: w[1],
            weight2: w[2],
            bias0: bias[0],
            bias1: bias[1],
            bias2: bias[2],
          });
          const given = { x: operand(rounded(x), frames, columns), ...named(encoded) };
          const wanted = byDefinition(given, attrs);
          const found = onWasm({ x: operand(x, frames, columns), ...named(tensors) }, attrs);
          for (const [i, y] of wanted.entries()) expect(nmse(found[i]!, y)).toBeLessThan(1e-10);
          for (const t of tensors) t.dispose();
        },
      ),
      { numRuns: 200 },
    );
  });

  it("loses no more of the activations than ggml's rule, Q8_0 with scales of 16 bits", async () => {
    const [frames, columns, rows] = [64, 1024, 256];
    const { encoded, tensors } = await weightsOf("Q8_0", [rows], columns, 21);
    const attrs = {
      formats: ["Q8_0" as const],
      outFeatures: [rows],
      inFeatures: columns,
      activation: "none" as const,
    };
    // Magnitudes over several powers of two, as the residual stream has them.
    const x = normals(23, frames * columns).map((value, i) => value * 2 ** (Math.floor(i / 32) % 7));
    const ggml = new Float32Array(x.length);
    unpackRow("Q8_0", encode("Q8_0", x, frames, columns).values as Uint8Array, 0, ggml, x.length);
    const product = (values: Float32Array): Float32Array =>
      byDefinition({ x: operand(values, frames, columns), weight0: encoded[0]! }, attrs)[0]!;
    const exact = product(x);
    const [ours] = onWasm({ x: operand(x, frames, columns), weight0: tensors[0] }, attrs);
    expect(nmse(ours!, exact)).toBeLessThan(nmse(product(ggml), exact));
    for (const t of tensors) t.dispose();
  });

  it("gives each of M = 1 to 40 frames the bytes that it has alone", async () => {
    const columns = 96;
    const sizes = [72, 33];
    const { tensors } = await weightsOf("Q8_0", sizes, columns, 3);
    const attrs = { formats: ["Q8_0", "Q8_0"], outFeatures: sizes, inFeatures: columns, activation: "none" };
    const x = normals(4, 40 * columns);
    const run = (from: number, count: number): Float32Array[] => {
      const part = operand(x.slice(from * columns, (from + count) * columns), count, columns);
      return onWasm({ x: part, weight0: tensors[0], weight1: tensors[1] }, attrs);
    };
    const alone = Array.from({ length: 40 }, (_, frame) => run(frame, 1));
    for (let count = 2; count <= 40; count++) {
      for (const [i, y] of run(0, count).entries()) {
        for (let frame = 0; frame < count; frame++) {
          expect(y.subarray(frame * sizes[i]!, (frame + 1) * sizes[i]!)).toEqual(alone[frame]![i]);
        }
      }
    }
    for (const t of tensors) t.dispose();
  });

  it("gives frames the bytes that they have alone, in strips of them and parts of long rows", async () => {
    const columns = 576;
    const sizes = [1051, 40];
    const { tensors } = await weightsOf("Q8_0", sizes, columns, 13);
    const bias0 = operand(normals(15, 1051), 1051);
    const attrs = { formats: ["Q8_0", "Q8_0"], outFeatures: sizes, inFeatures: columns, activation: "relu" };
    const x = normals(14, 518 * columns);
    const run = (from: number, count: number): Float32Array[] => {
      const part = operand(x.slice(from * columns, (from + count) * columns), count, columns);
      return onWasm({ x: part, weight0: tensors[0], weight1: tensors[1], bias0 }, attrs);
    };
    for (const [i, y] of run(0, 518).entries()) {
      for (const frame of [0, 1, 2, 3, 200, 511, 512, 515, 516, 517])
        expect(y.subarray(frame * sizes[i]!, (frame + 1) * sizes[i]!)).toEqual(run(frame, 1)[i]);
    }
    for (const t of tensors) t.dispose();
  });

  it("does not hide values that are not finite", async () => {
    const { tensors } = await weightsOf("Q8_0", [8], 64, 5);
    const attrs = { formats: ["Q8_0"], outFeatures: [8], inFeatures: 64, activation: "relu" };
    for (const bad of [NaN, Infinity, -Infinity]) {
      for (const frames of [1, 33]) {
        const x = normals(6, 64 * frames);
        x[40] = bad;
        const [y] = onWasm({ x: operand(x, frames, 64), weight0: tensors[0] }, attrs);
        expect(y!.subarray(0, 8).every((value) => Number.isNaN(value))).toBe(true);
        expect(y!.subarray(8).every((value) => Number.isFinite(value))).toBe(true);
      }
    }
    tensors[0]!.dispose();
  });
});
