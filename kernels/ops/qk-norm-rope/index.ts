/** RmsNorm of each head, then Rope, in one pass: Qwen3's transformation of queries and keys. */
import { rmsNorm } from "../rms-norm/index.ts";
import type { RmsNormAttrs } from "../rms-norm/index.ts";
import { rope } from "../rope/index.ts";
import type { RopeAttrs } from "../rope/index.ts";
import type { KernelDefinition } from "../../kernel.ts";

export type QkNormRopeAttrs = RmsNormAttrs & RopeAttrs;

/** {x [T, heads·D], weight [D]} → [T, heads·D] */
export const qkNormRope: KernelDefinition<"x" | "weight", QkNormRopeAttrs> = {
  name: "QkNormRope",
  outputs: (inputs, attrs) => {
    rmsNorm.outputs(inputs, attrs);
    return rope.outputs(inputs, attrs);
  },
};
