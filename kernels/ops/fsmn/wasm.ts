/** Fsmn in WebAssembly, frames on all threads; the kernel is turned so that channels lie side by side. */
import { define } from "../../runtime/wasm/kernel.ts";
import type { WasmRuntime } from "../../runtime/wasm/machine.ts";
import { fsmn } from "./index.ts";

export function registerFsmn(): void {
  define(fsmn, ({ machine, at, attrs: { left }, shapes, outputs: [y] }) => {
    const [frames, channels] = shapes.v as readonly [number, number];
    computeFsmn(machine, at("v"), at("kernel"), y!, frames, channels, shapes.kernel![1]!, left);
  });
}

/** The memory of `frames` rows at `v`. */
export function computeFsmn(
  machine: WasmRuntime,
  v: number,
  kernel: number,
  y: number,
  frames: number,
  channels: number,
  taps: number,
  left: number,
): void {
  machine.scratch(taps * channels * 4, (turned) => {
    machine.direct.transpose(kernel, channels, taps, turned);
    machine.run("fsmn", frames, machine.share(frames), [v, turned, y, frames, channels, taps, left]);
  });
}
