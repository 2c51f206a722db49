/**
 * A whole layer of a Qwen3 decoder in one call: x ← x + W_o·attention(RMS(x)), then x ← x + W_down·swiglu(RMS(x)), keys
 * and values of the new rows written into the caches in place. The result is that of RmsNorm, Linear, QkNormRope,
 * KvWrite, Attention and SwiGlu one after the other, to the byte; in a decoding step, whose kernels take some 50 µs each,
 * one call for all of them is a quarter faster.
 */
import { attention } from "../attention/index.ts";
import { demand, matrix, required } from "../../kernel.ts";
import type { KernelDefinition } from "../../kernel.ts";
import type { Format } from "../../formats/table.ts";
import { rope } from "../rope/index.ts";

/** The layer's weight matrices, [out, in] each. */
export const layerMatrices = ["query", "key", "value", "output", "gate", "up", "down"] as const;
export type LayerMatrix = (typeof layerMatrices)[number];

/** The weights of its norms: of the input and after attention [D], of each query and key head [headDim]. */
export const layerNorms = ["inputNorm", "queryNorm", "keyNorm", "attentionNorm"] as const;
export type LayerNormWeight = (typeof layerNorms)[number];

export type DecoderLayerInput = "x" | "keys" | "values" | LayerMatrix | LayerNormWeight;

export interface DecoderLayerAttrs {
  readonly heads: number;
  readonly kvHeads: number;
  readonly headDim: number;
  readonly feedForwardSize: number;
  readonly theta: number;
  readonly eps: number;
  /** Rows of the caches in use: the position of x's first row. */
  readonly position: number;
  /** Storage format of each matrix. */
  readonly formats: { readonly [name in LayerMatrix]: Format };
}

/** Rows and columns of each matrix, for rows of x of width `size`. */
export function matrixShapes(
  size: number,
  { heads, kvHeads, headDim, feedForwardSize }: Omit<DecoderLayerAttrs, "position" | "formats">,
): { readonly [name in LayerMatrix]: readonly [rows: number, columns: number] } {
  return {
    query: [heads * headDim, size],
    key: [kvHeads * headDim, size],
    value: [kvHeads * headDim, size],
    output: [size, heads * headDim],
    gate: [feedForwardSize, size],
    up: [feedForwardSize, size],
    down: [size, feedForwardSize],
  };
}

/** {x [T, D], keys, values [C, kvHeads·headDim], matrices (packed), norm weights} → [T, D] */
export const decoderLayer: KernelDefinition<DecoderLayerInput, DecoderLayerAttrs> = {
  name: "DecoderLayer",
  outputs: (inputs, attrs) => {
    const { heads, kvHeads, headDim, theta, position } = attrs;
    const [rows, size] = matrix("DecoderLayer", inputs, "x");
    const q = [rows, heads * headDim];
    rope.outputs({ x: q }, { headDim, theta, position });
    const k = required("DecoderLayer", inputs, "keys");
    const v = required("DecoderLayer", inputs, "values");
    attention.outputs({ q, k, v }, { heads, kvHeads, scale: 1, causal: true, length: position + rows });
    for (const name of layerMatrices) required("DecoderLayer", inputs, name);
    for (const name of layerNorms) {
      const [length] = required("DecoderLayer", inputs, name);
      const wanted = name === "queryNorm" || name === "keyNorm" ? headDim : size;
      demand(length === wanted, "DecoderLayer", `${name} of ${length}`, `${wanted}`);
    }
    return [[rows, size]];
  },
};
