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

/** A kernel of [channels, taps] at its address. */
interface FsmnKernel {
  readonly address: number;
  readonly taps: number;
  readonly left: number;
}

/** The FSMN memory of `v`. */
function computeFsmn(runtime: WasmRuntime, v: Rows, kernel: FsmnKernel, y: number): void {
  withTransposed(runtime, v.width, kernel, (transposed) =>
    computeFsmnRows(runtime, v, transposed, 0, { ...v, address: y }),
  );
}

/** Calls `work` with the kernel as [taps, channels]. */
export function withTransposed(
  runtime: WasmRuntime,
  channels: number,
  { address, taps, left }: FsmnKernel,
  work: (kernel: FsmnKernel) => void,
): void {
  runtime.scratch(taps * channels * 4, (transposed) => {
    runtime.direct.transpose(address, channels, taps, transposed);
    work({ address: transposed, taps, left });
  });
}

/** The rows of the memory from `first` on, as many as `y` has; the kernel is transposed. */
export function computeFsmnRows(
  runtime: WasmRuntime,
  v: Rows,
  { address: kernel, taps, left }: FsmnKernel,
  first: number,
  y: Rows,
): void {
  const args = { v: v.address, kernel, y: y.address, frames: v.rows, first, channels: v.width, taps, left };
  runtime.run("fsmn", y.rows, runtime.share(y.rows), args);
}
