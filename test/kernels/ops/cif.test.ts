/** Integrate-and-fire, bit for bit against PyTorch in both of its recipes, and by its law of conservation. */
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cif } from "../../../kernels/ops/cif/index.ts";
import { integrate, tokenNumber } from "../../../kernels/ops/cif/integrate.ts";
import type { Recipe } from "../../../kernels/ops/cif/integrate.ts";
import { cifReference } from "../../../kernels/ops/cif/reference.ts";
import { paraformerTables } from "../../helpers/builders/paraformer-tables.ts";
import { normals, uniform } from "../../helpers/builders/random.ts";
import { shared } from "../../helpers/environment/shared.ts";

function embeds(alphas: Float32Array, hidden: Float32Array, size: number, recipe: Recipe): Float32Array {
  const tokens = tokenNumber(alphas);
  const y = new Float32Array(tokens * size);
  const shape = [hidden.length / size, size];
  const inputs = {
    hidden: { values: hidden, shape },
    alphas: { values: alphas, shape: [alphas.length] },
  };
  cifReference(inputs, { recipe, tokens }, [y]);
  return y;
}

describe("Cif", () => {
  it.each(paraformerTables.cif)("is FunASR's, bit for bit: $frames frames, $tokens tokens", (golden) => {
    const alphas = Float32Array.from(golden.alphas);
    const hidden = Float32Array.from(golden.hidden);
    expect(tokenNumber(alphas)).toBe(golden.tokens);
    for (const recipe of ["prefix", "loop"] as const) {
      expect(integrate(alphas, recipe).peaks).toEqual(Float32Array.from(golden[recipe].peaks));
      expect(embeds(alphas, hidden, golden.size, recipe)).toEqual(Float32Array.from(golden[recipe].embeds));
    }
  });

  const path = shared("golden/cif.json");
  it.skipIf(path === undefined)("is FunASR's on the shared cases too", () => {
    const cases = JSON.parse(readFileSync(path!, "utf8")) as {
      D: number;
      alphas_no_tail: number[];
      hidden: number[];
      tail: number;
      token_num: number;
      embeds_v1: number[];
      fires_v1: number[];
      embeds_loop: number[];
      fires_loop: number[];
    }[];
    for (const golden of cases) {
      const alphas = Float32Array.from([...golden.alphas_no_tail, golden.tail]);
      const hidden = Float32Array.from(golden.hidden);
      expect(tokenNumber(alphas)).toBe(golden.token_num);
      expect([...integrate(alphas, "prefix").peaks]).toEqual(golden.fires_v1);
      expect([...embeds(alphas, hidden, golden.D, "prefix")]).toEqual(golden.embeds_v1);
      expect([...integrate(alphas, "loop").peaks]).toEqual(golden.fires_loop);
      expect([...embeds(alphas, hidden, golden.D, "loop")]).toEqual(golden.embeds_loop);
    }
  });

  it("gives every vector a weight of one, whichever the recipe", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 200 }), fc.nat(), (frames, seed) => {
        const next = uniform(seed);
        const alphas = Float32Array.from({ length: frames }, next);
        const ones = new Float32Array(frames).fill(1);
        for (const recipe of ["prefix", "loop"] as const) {
          for (const weight of embeds(alphas, ones, 1, recipe)) expect(weight).toBeCloseTo(1, 4);
        }
      }),
    );
  });

  it("spends the frames in order: the recipes agree to rounding", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 200 }), fc.nat(), (frames, seed) => {
        const next = uniform(seed);
        const alphas = Float32Array.from({ length: frames }, next);
        const hidden = normals(seed, frames * 3);
        const [a, b] = [embeds(alphas, hidden, 3, "prefix"), embeds(alphas, hidden, 3, "loop")];
        // Where the sum all but reaches a whole number the recipes may differ by a token.
        const whole = alphas.reduce((sum, alpha) => sum + alpha, 0);
        fc.pre(Math.abs(whole - Math.round(whole)) > 1e-3);
        for (const [i, value] of a.entries()) expect(value).toBeCloseTo(b[i]!, 4);
      }),
    );
  });

  it("refuses fewer alphas than frames", () => {
    const outputs = () => cif.outputs({ hidden: [4, 2], alphas: [3] }, { recipe: "prefix", tokens: 1 });
    expect(outputs).toThrow(expect.objectContaining({ code: "kernel_arguments" }));
  });
});
