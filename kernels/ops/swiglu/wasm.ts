/** SwiGlu in WebAssembly, runs of values on all threads. */
import { elementwise } from "../../runtime/wasm/elementwise.ts";
import { define } from "../../runtime/wasm/kernel.ts";
import { sizeOf } from "../../kernel.ts";
import { swiglu } from "./index.ts";

export function registerSwiglu(): void {
  define(swiglu, ({ runtime, at, outputs: [y], outputShapes: [shape] }) => {
    elementwise(runtime, "swiglu", { a: at("gate"), b: at("up"), y: y!, size: sizeOf(shape!) });
  });
}
