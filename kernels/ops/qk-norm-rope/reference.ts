/** The definition of QkNormRope: the two references, one after the other. */
import type { Reference } from "../../kernel.ts";
import { rmsNormReference } from "../rms-norm/reference.ts";
import { ropeReference } from "../rope/reference.ts";
import type { QkNormRopeAttrs } from "./index.ts";

export const qkNormRopeReference: Reference<"x" | "weight", QkNormRopeAttrs> = (inputs, attrs, outputs) => {
  const { shape, values } = inputs.x!;
  const normed = new Float32Array(values.length);
  rmsNormReference(inputs, attrs, [normed]);
  ropeReference({ x: { values: normed, shape } }, attrs, outputs);
};
