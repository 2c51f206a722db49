/**
 * ConvTranspose in WebAssembly: with the weight transposed to [K·O, I] it is a linear map onto all K rows at once, because
 * the result [T, K·O] has the memory layout of [T·K, O].
 */
import { argumentsOf } from "../../runtime/wasm/gemm.ts";
import { define } from "../../runtime/wasm/kernel.ts";
import { convTranspose } from "./index.ts";

export function registerConvTranspose(): void {
  define(convTranspose, ({ runtime, at, shapes, outputs: [y] }) => {
    const [frames] = shapes.x as readonly [number, number];
    const [inputSize, outputSize, taps] = shapes.weight as readonly [number, number, number];
    const [x, weight, bias] = [at("x"), at("weight"), at("bias")];
    const rows = outputSize * taps;
    const panels = Math.ceil(rows / 16);
    const rowBytes = inputSize * 4;
    const weightBytes = panels * 16 * rowBytes;
    runtime.scratch(3 * weightBytes + panels * 64 + runtime.threads * 1024, (transposed) => {
      const ordered = transposed + weightBytes;
      const packed = ordered + weightBytes;
      const biases = packed + weightBytes;
      runtime.direct.transpose(weight, inputSize, rows, transposed); // row o·K + k
      for (let k = 0; k < taps; k++) {
        runtime.run("copyRows", outputSize, outputSize, {
          from: transposed + k * rowBytes,
          to: ordered + k * outputSize * rowBytes,
          bytes: rowBytes,
          fromStride: taps * rowBytes,
          toStride: rowBytes,
        });
        runtime.bytes.copyWithin(biases + k * outputSize * 4, bias, bias + outputSize * 4);
      }
      const weights = { source: ordered, target: packed, rows, columns: inputSize, valueBytes: 4, half: 0 };
      runtime.run("packFloat", panels, runtime.share(panels), weights);
      const matrix = {
        kind: "f32",
        rows,
        columns: inputSize,
        weights: packed,
        scales: 0,
        owned: [],
      } as const;
      runtime.run("linearFloat", panels, runtime.share(panels), {
        x,
        frames,
        columns: inputSize,
        lowerBound: -Infinity,
        kind: 0,
        scratch: biases + panels * 64,
        expanded: 0,
        matrices: [argumentsOf({ matrix, bias: biases, y: y! }, 16)],
      });
    });
  });
}
