/** SwiGlu in WebAssembly, runs of values on all threads. */
import { elementwise } from "../../runtime/wasm/elementwise.ts";
import { define } from "../../runtime/wasm/kernel.ts";
import { sizeOf } from "../../kernel.ts";
import { swiglu } from "./index.ts";

export function registerSwiglu(): void {
  define(swiglu, ({ machine, at, outputs: [y], outputShapes: [shape] }) => {
    elementwise(machine, "swiglu", at("gate"), at("up"), y!, sizeOf(shape!));
  });
}
