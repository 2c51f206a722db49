/** The jobs of a decoder layer, in their order: the kernels of its parts on scratch memory. */
import type { TensorInfo } from "@tensorflow/tfjs-core";
import { computeAttention } from "../attention/wasm.ts";
import { writeRows } from "../kv-write/wasm.ts";
import { multiply } from "../linear/wasm.ts";
import { computeQkNormRope } from "../qk-norm-rope/wasm.ts";
import { computeRmsNorm } from "../rms-norm/wasm.ts";
import type { WasmBackend } from "../../runtime/wasm/backend.ts";
import { elementwise } from "../../runtime/wasm/elementwise.ts";
import type { Addends } from "../../runtime/wasm/gemm.ts";
import type { Rows } from "../../runtime/wasm/rows.ts";
import type { DecoderLayerAttrs, LayerMatrix, LayerNormWeight } from "./index.ts";

/** Rows of one sequence among those of x, and the caches that hold what came before them. */
export interface SequenceRows {
  readonly keys: TensorInfo;
  readonly values: TensorInfo;
  readonly rows: number;
  readonly position: number;
}

export interface Sequence extends SequenceRows {
  /** Called before the jobs that depend on the position. */
  readonly prepare?: () => void;
  /** Largest number of positions when the jobs are replayed. */
  readonly room: number;
}

export type LayerWeights = { readonly [name in LayerMatrix | LayerNormWeight]: TensorInfo };
export type LayerAttrs = Omit<DecoderLayerAttrs, "position" | "formats">;

/** Runs the layer's jobs, from `x`, the rows of all sequences one after the other, to `y`. */
export function runLayer(
  backend: WasmBackend,
  inputs: LayerWeights,
  attrs: LayerAttrs,
  x: Rows,
  y: number,
  sequences: readonly Sequence[],
): void {
  const { runtime } = backend;
  const { heads, kvHeads, headDim, feedForwardSize, eps } = attrs;
  const { rows, width: size } = x;
  const [queryWidth, keyWidth] = [heads * headDim, kvHeads * headDim];
  const gain = (name: LayerNormWeight): number => backend.address(inputs[name]);
  const norm = (from: Rows, name: LayerNormWeight, to: Rows): void =>
    computeRmsNorm(runtime, from, { weight: gain(name), eps }, to.address);
  const linear = (
    from: Rows,
    to: { readonly [name in LayerMatrix]?: number },
    addends: Addends = [],
  ): void => {
    const names = Object.keys(to) as LayerMatrix[];
    const products = names.map((name) => ({ matrix: backend.matrix(inputs[name]), bias: 0, y: to[name]! }));
    multiply(runtime, from, -Infinity, products, addends);
  };

  const attended = [size, queryWidth, keyWidth, keyWidth, queryWidth] as const;
  const widths = [...attended, size, feedForwardSize, feedForwardSize] as const;
  runtime.scratchRows(rows, widths, (normed, q, k, v, context, hidden, gate, up) => {
    norm(x, "inputNorm", normed);
    linear(normed, { query: q.address, key: k.address, value: v.address });
    let from = 0;
    for (const { keys, values, rows: count, position, room, prepare } of sequences) {
      prepare?.();
      const [ownQ, ownK, ownV, ownContext] = [q, k, v, context].map((all) => part(all, from, count));
      const rotation = { ...attrs, position };
      computeQkNormRope(runtime, ownQ!, gain("queryNorm"), rotation, ownQ!.address);
      computeQkNormRope(runtime, ownK!, gain("keyNorm"), rotation, ownK!.address);
      writeRows(backend, keys, ownK!, position);
      writeRows(backend, values, ownV!, position);
      const span = { heads, kvHeads, scale: headDim ** -0.5, causal: true, length: position + count };
      computeAttention(backend, ownQ!, keys, values, ownContext!.address, span, room);
      from += count;
    }
    linear(context, { output: hidden.address }, [x.address]);
    norm(hidden, "attentionNorm", normed);
    linear(normed, { gate: gate.address, up: up.address });
    const { address } = gate;
    elementwise(runtime, "swiglu", { a: address, b: up.address, y: address, size: rows * feedForwardSize });
    linear(gate, { down: y }, [hidden.address]);
  });
}

/** `rows` rows from row `from` on. */
function part({ address, width }: Rows, from: number, rows: number): Rows {
  return { address: address + from * width * 4, rows, width };
}
