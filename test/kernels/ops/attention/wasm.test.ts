/** Attention of the `wasm` backend, and the caches that it reads, against the references. */
import { engine, tensor, tidy, zeros } from "@tensorflow/tfjs-core";
import type { Tensor } from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { attention } from "../../../../kernels/ops/attention/index.ts";
import { attentionReference } from "../../../../kernels/ops/attention/reference.ts";
import { kvWrite } from "../../../../kernels/ops/kv-write/index.ts";
import { natural, normals } from "../../../helpers/builders/random.ts";
import {
  nmse,
  operand,
  runReference,
  runWasm,
  startWasm,
} from "../../../helpers/environment/wasm-kernels.ts";

const tolerance = 1e-7;

beforeAll(() => startWasm());

describe("Attention", () => {
  it("equals its reference: grouped heads, causal or not, caches longer than their content", () => {
    fc.assert(
      fc.property(
        natural(70),
        natural(3),
        natural(3),
        natural(70),
        fc.nat({ max: 90 }),
        fc.nat({ max: 40 }),
        fc.boolean(),
        fc.nat(),
        (frames, kvHeads, group, size, past, room, causal, seed) => {
          const heads = kvHeads * group;
          const length = causal ? frames + past : past + 1;
          const k = normals(seed + 1, (length + room) * kvHeads * size);
          const v = normals(seed + 2, (length + room) * kvHeads * size);
          k.fill(NaN, length * kvHeads * size);
          v.fill(NaN, length * kvHeads * size);
          const inputs = {
            q: operand(normals(seed, frames * heads * size), frames, heads * size),
            k: operand(k, length + room, kvHeads * size),
            v: operand(v, length + room, kvHeads * size),
          };
          const attrs = { heads, kvHeads, scale: size ** -0.5, causal, length };
          const [wanted] = runReference(attention, attentionReference, inputs, attrs);
          expect(nmse(runWasm(attention, inputs, attrs)[0]!, wanted!)).toBeLessThan(tolerance);
        },
      ),
    );
  });

  it("gives a row among many the bytes that it has alone, over more positions than are summed at a time", () => {
    const [frames, length, heads, size] = [55, 530, 2, 76];
    const width = heads * size;
    const q = normals(1, frames * width);
    const k = operand(normals(2, length * width), length, width);
    const v = operand(normals(3, length * width), length, width);
    const attrs = { heads, kvHeads: heads, scale: size ** -0.5, causal: false, length };
    const [all] = runWasm(attention, { q: operand(q, frames, width), k, v }, attrs);
    const [wanted] = runReference(
      attention,
      attentionReference,
      { q: operand(q, frames, width), k, v },
      attrs,
    );
    expect(nmse(all!, wanted!)).toBeLessThan(tolerance);
    const places = [
      [0, 1],
      [5, 1],
      [6, 2],
      [40, 9],
      [48, 7],
      [54, 1],
    ] as const;
    for (const [first, count] of places) {
      const end = first + count;
      const rows = operand(q.slice(first * width, end * width), count, width);
      const [few] = runWasm(attention, { q: rows, k, v }, attrs);
      expect(few).toEqual(all!.subarray(first * width, end * width));
    }
  });
});

describe("KvWrite", () => {
  it("writes into rows and into panels, and both read as rows", () => {
    const [capacity, heads, headDim] = [40, 2, 20];
    const columns = heads * headDim;
    const written = (rows: number): Float32Array => normals(rows, rows * columns);
    tidy(() => {
      let cache: Tensor = zeros([capacity, columns]);
      const expected = new Float32Array(capacity * columns);
      let position = 0;
      for (const rows of [5, 1, 13, 1]) {
        const values = written(rows);
        expected.set(values, position * columns);
        const x = tensor(values, [rows, columns]);
        cache = engine().runKernel(kvWrite.name, { cache, rows: x }, { position }) as unknown as Tensor;
        position += rows;
        const attrs = { heads, kvHeads: heads, scale: 1, causal: true, length: position };
        // As keys, as values, and read in between: the layout changes under the cache, its values do not.
        for (const inputs of [
          { q: x, k: cache, v: tensor(expected, [capacity, columns]) },
          { q: x, k: tensor(expected, [capacity, columns]), v: cache },
        ]) {
          engine().runKernel(attention.name, inputs, attrs);
          if (rows > 1) expect(cache.dataSync()).toEqual(expected);
        }
      }
      expect(cache.dataSync()).toEqual(expected);
    });
  });
});
