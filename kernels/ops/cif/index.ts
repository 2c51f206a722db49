/**
 * Continuous integrate-and-fire: frame weights (alphas) add up, and each time they reach one the weighted frames
 * become one vector; a frame at the border is shared between the two. There may be more alphas than frames: those
 * after the last frame weigh zero vectors (the tail, by which a last, almost complete vector fires).
 * Dong and Xu, "CIF", arXiv:1905.11235; FunASR's cif_v1 ("prefix") and cif ("loop"), which round differently.
 */
import { demand, matrix, required } from "../../kernel.ts";
import type { KernelDefinition } from "../../kernel.ts";
import type { Recipe } from "./integrate.ts";

export interface CifAttrs {
  /** Order of the float32 operations. */
  readonly recipe: Recipe;
  /** Rows of the result: the first vectors that fire, zeros where fewer do. */
  readonly tokens: number;
}

/** {hidden [T, D], alphas [at least T]} → [tokens, D] */
export const cif: KernelDefinition<"hidden" | "alphas", CifAttrs> = {
  name: "Cif",
  outputs: (inputs, { tokens }) => {
    const [frames, size] = matrix("Cif", inputs, "hidden");
    const alphas = required("Cif", inputs, "alphas");
    const fits = alphas.length === 1 && alphas[0]! >= frames;
    demand(fits, "Cif", `alphas are [${alphas.join(", ")}]`, `at least [${frames}]`);
    demand(tokens >= 1, "Cif", `${tokens} tokens`, "one or more");
    return [[tokens, size]];
  },
};
