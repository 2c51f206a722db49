/** A checkpoint in which one thing is different. */
import type { Checkpoint, MetadataValue, TensorEntry } from "../../../src/checkpoints/checkpoint.ts";
import { dequantize } from "../../../src/nn/backend.ts";

/** One tensor with other values, as float32. */
export function edited(
  checkpoint: Checkpoint,
  name: string,
  change: (values: Float32Array) => Float32Array,
): Checkpoint {
  const entry = entryOf(checkpoint, name);
  const count = entry.shape.reduce((a, b) => a * b, 1);
  return withTensor(checkpoint, {
    ...entry,
    format: "F32",
    byteLength: count * 4,
    async read(target) {
      const bytes = new Uint8Array(entry.byteLength);
      await entry.read(bytes);
      target.set(new Uint8Array(change(dequantize(entry, bytes).slice()).buffer));
    },
  });
}

/** One tensor with other bytes, in its own format. */
export function editedBytes(
  checkpoint: Checkpoint,
  name: string,
  change: (bytes: Uint8Array) => void,
): Checkpoint {
  const entry = entryOf(checkpoint, name);
  return withTensor(checkpoint, {
    ...entry,
    async read(target) {
      await entry.read(target);
      change(target);
    },
  });
}

export function withMetadata(checkpoint: Checkpoint, key: string, value: MetadataValue): Checkpoint {
  if (!checkpoint.metadata.has(key)) throw new Error(`no key ${key}`);
  return {
    ...checkpoint,
    metadata: new Map([...checkpoint.metadata, [key, value]]),
    ...disposing(checkpoint),
  };
}

function withTensor(checkpoint: Checkpoint, entry: TensorEntry): Checkpoint {
  const tensors = new Map([...checkpoint.tensors, [entry.name, entry]]);
  return { ...checkpoint, tensors, ...disposing(checkpoint) };
}

/** Methods do not travel by spreading. */
const disposing = (checkpoint: Checkpoint): Pick<Checkpoint, typeof Symbol.asyncDispose> => ({
  [Symbol.asyncDispose]: () => checkpoint[Symbol.asyncDispose](),
});

/** Without its reading by ranges, which would give the values as they were. */
function entryOf({ tensors }: Checkpoint, name: string): Omit<TensorEntry, "readRange"> {
  const { readRange: _, ...entry } = tensors.get(name) ?? {};
  if (!("read" in entry)) throw new Error(`no tensor ${name}`);
  return entry;
}
