/**
 * `quantizeRow` for converters: the search of the K formats runs in WebAssembly (assembly/). The bytes are the same;
 * k-blocks.ts and q6_k.ts are the definition.
 */
import { quantizeRow } from "./index.ts";
import { formats } from "./table.ts";
import type { Format } from "./table.ts";

interface Quantizers {
  readonly memory: { readonly buffer: ArrayBuffer };
  /** Address of the floats, address of the blocks, and maximum number of super-blocks per call. */
  readonly input: { readonly value: number };
  readonly output: { readonly value: number };
  readonly most: { readonly value: number };
  quantizeQ4K(count: number): void;
  quantizeQ5K(count: number): void;
  quantizeQ6K(count: number): void;
}

type QuantizerName = "quantizeQ4K" | "quantizeQ5K" | "quantizeQ6K";

const names: Readonly<Partial<Record<Format, QuantizerName>>> = {
  Q4_K: "quantizeQ4K",
  Q5_K: "quantizeQ5K",
  Q6_K: "quantizeQ6K",
};

/** File of the module among the host's. */
export const quantizerModule = "quantizers.wasm";

/** A function like `quantizeRow`, by a compiled module; without its bytes it is `quantizeRow` itself. */
export function fastQuantizer(moduleBytes: Uint8Array<ArrayBuffer> | undefined): typeof quantizeRow {
  if (moduleBytes === undefined) return quantizeRow;
  let quantizers: Quantizers | undefined;
  return (format, values, bytes, byteOffset, count) => {
    const name = names[format];
    if (name === undefined) return quantizeRow(format, values, bytes, byteOffset, count);
    quantizers ??= instantiate(moduleBytes);
    quantize(quantizers, name, format, values, bytes, byteOffset, count);
  };
}

function instantiate(bytes: Uint8Array<ArrayBuffer>): Quantizers {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), {});
  return exports as unknown as Quantizers;
}

/** Encodes the first `count` of `values`, a whole number of blocks, into `bytes` at `byteOffset`. */
function quantize(
  quantizers: Quantizers,
  name: QuantizerName,
  format: Format,
  values: Float32Array,
  bytes: Uint8Array,
  byteOffset: number,
  count: number,
): void {
  const { blockSize, blockBytes } = formats[format];
  const { memory, input, output, most } = quantizers;
  const floats = new Float32Array(memory.buffer, input.value, most.value * blockSize);
  const blocks = new Uint8Array(memory.buffer, output.value, most.value * blockBytes);
  for (let at = 0; at < count; at += floats.length) {
    const piece = Math.min(floats.length, count - at);
    floats.set(values.subarray(at, at + piece));
    quantizers[name](piece / blockSize);
    const held = (piece / blockSize) * blockBytes;
    bytes.set(blocks.subarray(0, held), byteOffset + (at / blockSize) * blockBytes);
  }
}
