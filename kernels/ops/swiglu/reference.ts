/** The definition of SwiGlu. */
import { floats } from "../../kernel.ts";
import type { Reference } from "../../kernel.ts";

export const swigluReference: Reference<"gate" | "up", object> = (inputs, _, [y]) => {
  const gate = floats(inputs, "gate");
  const up = floats(inputs, "up");
  for (let i = 0; i < gate.length; i++) y![i] = (gate[i]! / (1 + Math.exp(-gate[i]!))) * up[i]!;
};
