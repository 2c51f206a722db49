/** TensorFlow.js's own operations on the `wasm` backend, against plain arithmetic; and the ones that it does not have. */
import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import type { WasmBackend } from "../../../../kernels/runtime/wasm/backend.ts";
import { natural, normals } from "../../../helpers/builders/random.ts";
import { startWasm } from "../../../helpers/environment/wasm-kernels.ts";

let backend: WasmBackend;
beforeAll(async () => {
  backend = await startWasm();
});

/** Runs `work` on a random matrix and its rows as arrays; nothing may be left behind. */
function onMatrix(rows: number, columns: number, work: (x: tf.Tensor2D, lines: number[][]) => void): void {
  const before = [tf.memory().numTensors, backend.runtime.allocator.used];
  tf.tidy(() => {
    const values = normals(rows * 1000 + columns, rows * columns);
    const lines = Array.from({ length: rows }, (_, r) => [
      ...values.subarray(r * columns, (r + 1) * columns),
    ]);
    work(tf.tensor2d(values, [rows, columns]), lines);
  });
  expect([tf.memory().numTensors, backend.runtime.allocator.used]).toEqual(before);
}

describe("stock operations", () => {
  it("cut and join along either axis", () => {
    fc.assert(
      fc.property(natural(40), natural(40), fc.nat(), fc.nat(), (rows, columns, at, across) => {
        const row = at % rows;
        const column = across % columns;
        onMatrix(rows, columns, (x, lines) => {
          const cut = tf.slice(x, [row, column], [rows - row, columns - column]);
          expect(cut.arraySync()).toEqual(lines.slice(row).map((line) => line.slice(column)));
          expect(tf.concat([x, x], 0).arraySync()).toEqual([...lines, ...lines]);
          expect(tf.concat([x, x], 1).arraySync()).toEqual(lines.map((line) => [...line, ...line]));
          const parts = tf.split(tf.concat([x, x, x], 1), 3, 1);
          for (const part of parts) expect(part.arraySync()).toEqual(lines);
        });
      }),
    );
  });

  it("add, scale, cut off below zero, rename the shape", () => {
    fc.assert(
      fc.property(natural(90), natural(90), (rows, columns) => {
        onMatrix(rows, columns, (x, lines) => {
          const each = (f: (value: number) => number): number[][] => lines.map((line) => line.map(f));
          expect(tf.add(x, x).arraySync()).toEqual(each((v) => 2 * v));
          expect(tf.mul(x, 0.25).arraySync()).toEqual(each((v) => v / 4));
          expect(tf.relu(x).arraySync()).toEqual(each((v) => Math.max(v, 0)));
          expect(tf.reshape(x, [columns, rows]).dataSync()).toEqual(Float32Array.from(lines.flat()));
        });
      }),
    );
  });

  it("take tensors of another backend as they come", async () => {
    const there = await import("../../../../kernels/backends/cpu.ts");
    there.registerCpu();
    await tf.setBackend("cpu");
    const x = tf.tensor1d([1, 2, 3]);
    await tf.setBackend("wasm");
    const y = tf.add(x, x);
    expect(await y.data()).toEqual(Float32Array.of(2, 4, 6));
    tf.dispose([x, y]);
  });

  it("are named, with the backend, where there is none", () => {
    const x = tf.tensor1d([1, 2, 3]);
    expect(() => tf.cos(x)).toThrow(/Cos.*wasm/);
    const one = tf.scalar(1);
    expect(() => tf.add(x, one)).toThrow("Add on wasm: [3] and []; wanted shapes of the models");
    tf.dispose([x, one]);
  });
});
