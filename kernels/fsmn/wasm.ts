/** Fsmn in WebAssembly, frames on all threads; the kernel is turned so that channels lie side by side. */
import { define } from "../wasm/kernel.ts";
import { fsmn } from "./index.ts";

export function registerFsmn(): void {
  define(fsmn, ({ machine, at, attrs: { left }, shapes, outputs: [y], outputShapes: [shape] }) => {
    const [frames, channels] = shape as readonly [number, number];
    const taps = shapes.kernel![1]!;
    const v = at("v");
    const kernel = at("kernel");
    machine.scratch(taps * channels * 4, (turned) => {
      machine.direct.transpose(kernel, channels, taps, turned);
      machine.run("fsmn", frames, machine.share(frames), [v, turned, y!, frames, channels, taps, left]);
    });
  });
}
