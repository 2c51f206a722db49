/**
 * The tiles for a few frames with Q8_0 weights (runtime/wasm/generate-q8.ts): the 8-bit and the 16-bit products, with paired
 * operations where this V8 has them and without, each against the reference, for every width.
 */
import { findBackend, removeBackend } from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { natural, normals } from "../../../helpers/builders/random.ts";
import { nmse, operand, startWasm, weightsOf } from "../../../helpers/environment/wasm-kernels.ts";
import { byDefinition, onWasm } from "../../../helpers/environment/wasm-linear.ts";

/** Whole numbers up to 127, the largest one in each block: they are quantized without an error. */
function wholeNumbers(seed: number, size: number): Float32Array {
  return normals(seed, size, 40).map((value, i) =>
    i % 32 === 7 ? 127 : Math.max(-127, Math.min(127, Math.round(value))),
  );
}

const choices = [
  { dot: true, revectorize: true },
  { dot: true, revectorize: false },
  { dot: false, revectorize: true },
  { dot: false, revectorize: false },
];

describe.each(choices)("tiles (8-bit products: $dot, paired: $revectorize)", (choice) => {
  it("give 1 to 17 frames of any matrix the product, and each frame the bytes that it has alone", async () => {
    if (findBackend("wasm") !== null) removeBackend("wasm");
    await startWasm({ threads: 2, ...choice });
    const property = async (blocks: number, rows: number, biased: boolean, seed: number): Promise<void> => {
      const columns = 32 * blocks;
      const most = 17;
      const { encoded, tensors } = await weightsOf("Q8_0", [rows], columns, seed);
      const x = wholeNumbers(seed + 1, most * columns);
      const bias0 = biased ? operand(normals(seed + 2, rows), rows) : undefined;
      const attrs = {
        formats: ["Q8_0" as const],
        outFeatures: [rows],
        inFeatures: columns,
        activation: biased ? ("relu" as const) : ("none" as const),
      };
      const inputs = { x: operand(x, most, columns), weight0: encoded[0]!, ...(biased && { bias0 }) };
      const [wanted] = byDefinition(inputs, attrs);
      const run = (from: number, count: number): Float32Array => {
        const part = operand(x.slice(from * columns, (from + count) * columns), count, columns);
        return onWasm({ x: part, weight0: tensors[0], bias0 }, attrs)[0]!;
      };
      const alone = Array.from({ length: most }, (_, frame) => run(frame, 1));
      for (let count = 1; count <= most; count++) {
        const y = run(0, count);
        if (count === most) expect(nmse(y, wanted!)).toBeLessThan(1e-10);
        for (let frame = 0; frame < count; frame++)
          expect(y.subarray(frame * rows, (frame + 1) * rows)).toEqual(alone[frame]);
      }
      tensors[0]!.dispose();
    };
    await fc.assert(fc.asyncProperty(natural(5), natural(150), fc.boolean(), fc.nat(), property), {
      numRuns: 12,
    });
  });
});
