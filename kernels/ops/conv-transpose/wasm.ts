/**
 * ConvTranspose in WebAssembly: with the weight turned to [K·O, I] it is a linear map onto all K rows at once, for the
 * result [T, K·O] is the wanted [T·K, O] as it lies.
 */
import { define } from "../../runtime/wasm/kernel.ts";
import { f32 } from "../../runtime/wasm/machine.ts";
import { convTranspose } from "./index.ts";

export function registerConvTranspose(): void {
  define(convTranspose, ({ machine, at, shapes, outputs: [y] }) => {
    const [frames] = shapes.x as readonly [number, number];
    const [inputSize, outputSize, taps] = shapes.weight as readonly [number, number, number];
    const [x, weight, bias] = [at("x"), at("weight"), at("bias")];
    const rows = outputSize * taps;
    const panels = Math.ceil(rows / 16);
    const rowBytes = inputSize * 4;
    const weightBytes = panels * 16 * rowBytes;
    machine.scratch(3 * weightBytes + panels * 64 + machine.threads * 1024, (turned) => {
      const ordered = turned + weightBytes;
      const packed = ordered + weightBytes;
      const biases = packed + weightBytes;
      machine.direct.transpose(weight, inputSize, rows, turned); // row o·K + k
      for (let k = 0; k < taps; k++) {
        const [from, to] = [turned + k * rowBytes, ordered + k * outputSize * rowBytes];
        machine.run("copyRows", outputSize, outputSize, [from, to, rowBytes, taps * rowBytes, rowBytes]);
        machine.bytes.copyWithin(biases + k * outputSize * 4, bias, bias + outputSize * 4);
      }
      machine.run("packFloat", panels, machine.share(panels), [ordered, packed, rows, inputSize, 4, 0]);
      const product = [x, frames, inputSize, f32(-Infinity), 0, biases + panels * 64, 0];
      machine.run("linearFloat", panels, machine.share(panels), [
        ...product,
        panels,
        rows,
        packed,
        0,
        biases,
        y!,
      ]);
    });
  });
}
