/**
 * `quantizeRow` for converters: the search of the K formats runs in WebAssembly (assembly/) where the package was built.
 * The bytes are the same; k-blocks.ts and q6_k.ts are the definition.
 */
import { kernelBytes } from "../runtime/wasm/hosts/node.ts";
import { quantizeRow } from "./index.ts";
import { formats } from "./table.ts";
import type { Format } from "./table.ts";

interface Quantizers {
  readonly memory: { readonly buffer: ArrayBuffer };
  /** Where floats go, where blocks come from, and how many super-blocks a call takes at most. */
  readonly input: { readonly value: number };
  readonly output: { readonly value: number };
  readonly most: { readonly value: number };
  quantizeQ4K(count: number): void;
  quantizeQ5K(count: number): void;
  quantizeQ6K(count: number): void;
}

const names: Readonly<Partial<Record<Format, "quantizeQ4K" | "quantizeQ5K" | "quantizeQ6K">>> = {
  Q4_K: "quantizeQ4K",
  Q5_K: "quantizeQ5K",
  Q6_K: "quantizeQ6K",
};

let quantizers: Quantizers | undefined;

function start(): Quantizers | undefined {
  const bytes = kernelBytes("quantizers.wasm");
  if (bytes === undefined) return undefined;
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), {});
  return exports as unknown as Quantizers;
}

/** Encodes the first `count` of `values`, a whole number of blocks, into `bytes` at `byteOffset`. */
export function quantizeFast(
  format: Format,
  values: Float32Array,
  bytes: Uint8Array,
  byteOffset: number,
  count: number,
): void {
  const name = names[format];
  if (name !== undefined) quantizers ??= start();
  if (name === undefined || quantizers === undefined) {
    quantizeRow(format, values, bytes, byteOffset, count);
    return;
  }
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
