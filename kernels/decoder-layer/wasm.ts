/** DecoderLayer in WebAssembly: the kernels of its parts on scratch memory, with no tensors in between. */
import { attend } from "../attention/wasm.ts";
import { writeRows } from "../kv-write/wasm.ts";
import { multiply } from "../linear/wasm.ts";
import { normAndTurn } from "../qk-norm-rope/wasm.ts";
import { normalise } from "../rms-norm/wasm.ts";
import { elementwise } from "../wasm/elementwise.ts";
import { define } from "../wasm/kernel.ts";
import { decoderLayer } from "./index.ts";
import type { LayerMatrix } from "./index.ts";

export function registerDecoderLayer(): void {
  define(decoderLayer, ({ backend, machine, at, inputs, attrs, outputs: [y], outputShapes: [shape] }) => {
    const { heads, kvHeads, headDim, feedForwardSize, eps, position } = attrs;
    const [rows, size] = shape as readonly [number, number];
    const [queryWidth, keyWidth] = [heads * headDim, kvHeads * headDim];
    const linear = (x: number, to: { readonly [name in LayerMatrix]?: number }): void => {
      const names = Object.keys(to) as LayerMatrix[];
      const parts = names.map((name) => ({ matrix: backend.matrix(inputs[name]!), bias: 0, y: to[name]! }));
      multiply(machine, x, rows, -Infinity, parts);
    };

    const widths = [size, queryWidth, keyWidth, keyWidth, queryWidth, size, feedForwardSize, feedForwardSize];
    machine.together(() => {
      machine.scratchRows(rows, widths, (normed, q, k, v, context, hidden, gate, up) => {
        const x = at("x");
        normalise(machine, x, normed, rows, size, at("inputNorm"), eps);
        linear(normed, { query: q, key: k, value: v });
        normAndTurn(machine, q, q, rows, queryWidth, at("queryNorm"), attrs);
        normAndTurn(machine, k, k, rows, keyWidth, at("keyNorm"), attrs);
        writeRows(backend, inputs.keys!, k, position, rows);
        writeRows(backend, inputs.values!, v, position, rows);
        const span = { heads, kvHeads, scale: headDim ** -0.5, causal: true, length: position + rows };
        attend(backend, q, inputs.keys!, inputs.values!, context, rows, headDim, span);
        linear(context, { output: hidden });
        elementwise(machine, "add", x, hidden, hidden, rows * size);
        normalise(machine, hidden, normed, rows, size, at("attentionNorm"), eps);
        linear(normed, { gate, up });
        elementwise(machine, "swiglu", gate, up, gate, rows * feedForwardSize);
        linear(gate, { down: normed });
        elementwise(machine, "add", hidden, normed, y!, rows * size);
      });
    });
  });
}
