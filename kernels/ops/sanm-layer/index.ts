/**
 * A whole SAN-M encoder layer in one call: x ← x + W_o·attention(LN(x)) + FSMN(v), then x ← x + W₂·relu(W₁·LN(x)); a layer
 * that widens its input has no first skip. The result is that of LayerNorm, Linear, Attention, Fsmn and sums one
 * after the other, to the byte, without the copies and passes over memory between them.
 */
import { attention } from "../attention/index.ts";
import { fsmn } from "../fsmn/index.ts";
import type { Format } from "../../formats/table.ts";
import { demand, matrix, required } from "../../kernel.ts";
import type { KernelDefinition } from "../../kernel.ts";

/** The layer's weight matrices, [out, in] each; the first holds those of query, key and value one below the other. */
export const sanmMatrices = ["queryKeyValue", "output", "up", "down"] as const;
export type SanmMatrix = (typeof sanmMatrices)[number];

/** Its norms, of the input and before the feed-forward. */
const sanmNorms = ["attentionNorm", "feedForwardNorm"] as const;
export type SanmNorm = (typeof sanmNorms)[number];

export type SanmLayerInput = "x" | "memory" | SanmMatrix | SanmNorm | `${SanmMatrix | SanmNorm}Bias`;

export interface SanmLayerAttrs {
  readonly heads: number;
  /** Inner width of the feed-forward. */
  readonly inner: number;
  readonly eps: number;
  /** Storage format of each matrix. */
  readonly formats: { readonly [name in SanmMatrix]: Format };
}

/** Rows and columns of each matrix, for a layer of width `size` on rows of width `inSize`. */
export function sanmShapes(
  inSize: number,
  size: number,
  inner: number,
): { readonly [name in SanmMatrix]: readonly [rows: number, columns: number] } {
  return {
    queryKeyValue: [3 * size, inSize],
    output: [size, size],
    up: [inner, size],
    down: [size, inner],
  };
}

/** {x [T, in], memory [D, K], matrices (packed), biases [out], norms' weights and biases} → [T, D] */
export const sanmLayer: KernelDefinition<SanmLayerInput, SanmLayerAttrs> = {
  name: "SanmLayer",
  outputs: (inputs, { heads, inner }) => {
    const [rows, inSize] = matrix("SanmLayer", inputs, "x");
    const [size, taps] = matrix("SanmLayer", inputs, "memory");
    const v = [rows, size];
    fsmn.outputs({ v, kernel: required("SanmLayer", inputs, "memory") }, { left: (taps - 1) / 2 });
    attention.outputs({ q: v, k: v, v }, { heads, kvHeads: heads, scale: 1, causal: false, length: rows });
    const shapes = sanmShapes(inSize, size, inner);
    const vector = (name: SanmLayerInput, wanted: number): void => {
      const [length] = required("SanmLayer", inputs, name);
      demand(length === wanted, "SanmLayer", `${name} of ${length}`, `${wanted}`);
    };
    for (const name of sanmMatrices) {
      required("SanmLayer", inputs, name);
      vector(`${name}Bias`, shapes[name][0]);
    }
    for (const name of sanmNorms) {
      const wanted = name === "attentionNorm" ? inSize : size;
      vector(name, wanted);
      vector(`${name}Bias`, wanted);
    }
    return [[rows, size]];
  },
};
