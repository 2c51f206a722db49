/** A checkpoint in memory: for tests of what is built from one, without a file. */
import type { Checkpoint, Metadata, TensorEntry } from "../../../src/checkpoints/checkpoint.ts";

export interface MemoryTensor {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

export function memoryCheckpoint(metadata: Metadata, tensors: ReadonlyMap<string, MemoryTensor>): Checkpoint {
  const entries = [...tensors].map(([name, { shape, values }]): [string, TensorEntry] => [
    name,
    {
      name,
      shape,
      format: "F32",
      byteLength: values.byteLength,
      async read(target) {
        target.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
      },
    },
  ]);
  return {
    source: "memory",
    naming: "memory",
    metadata,
    tensors: new Map(entries),
    async [Symbol.asyncDispose]() {},
  };
}
