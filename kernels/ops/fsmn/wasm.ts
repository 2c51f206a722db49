/** Fsmn in WebAssembly, frames on all threads; the kernel is transposed so that channels lie side by side. */
import { define } from "../../runtime/wasm/kernel.ts";
import type { Rows } from "../../runtime/wasm/rows.ts";
import type { WasmRuntime } from "../../runtime/wasm/runtime.ts";
import { fsmn } from "./index.ts";

export function registerFsmn(): void {
  define(fsmn, ({ runtime, at, rows, attrs: { left }, shapes, outputs: [y] }) => {
    computeFsmn(runtime, rows("v"), { address: at("kernel"), taps: shapes.kernel![1]!, left }, y!);
  });
}

/** The FSMN memory of `v`; the kernel is [channels, taps] at its address. */
export function computeFsmn(
  runtime: WasmRuntime,
  v: Rows,
  kernel: { readonly address: number; readonly taps: number; readonly left: number },
  y: number,
): void {
  const { rows: frames, width: channels } = v;
  const { taps, left } = kernel;
  runtime.scratch(taps * channels * 4, (transposed) => {
    runtime.direct.transpose(kernel.address, channels, taps, transposed);
    const args = { v: v.address, kernel: transposed, y, frames, channels, taps, left };
    runtime.run("fsmn", frames, runtime.share(frames), args);
  });
}
