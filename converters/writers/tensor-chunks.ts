/** Reads a tensor in chunks that fit in memory, however large it is. */
import { unpackRow } from "../../kernels/formats/index.ts";
import { byteLength } from "../../kernels/formats/table.ts";
import type { TensorEntry } from "../../src/checkpoints/checkpoint.ts";

/** Values per chunk: 4 MiB of floats, whole blocks of every format. */
const chunkCount = 2 ** 20;

interface EncodedChunk {
  readonly bytes: Uint8Array;
  readonly count: number;
}

/** The encoded bytes of a tensor, in order; each chunk is the caller's to keep. */
export async function* tensorChunks(entry: TensorEntry, signal?: AbortSignal): AsyncGenerator<EncodedChunk> {
  const total = entry.shape.reduce((product, size) => product * size, 1);
  const bytesOf = (count: number): number => byteLength(entry.format, count);
  if (entry.readRange === undefined || total <= chunkCount) {
    const bytes = new Uint8Array(entry.byteLength);
    await entry.read(bytes, signal);
    for (let at = 0; at < total; at += chunkCount) {
      const count = Math.min(chunkCount, total - at);
      yield { bytes: bytes.slice(bytesOf(at), bytesOf(at + count)), count };
    }
    return;
  }
  for (let at = 0; at < total; at += chunkCount) {
    const count = Math.min(chunkCount, total - at);
    const bytes = new Uint8Array(bytesOf(count));
    await entry.readRange(bytesOf(at), bytes, signal);
    yield { bytes, count };
  }
}

/** The values of a tensor, in order. */
export async function* tensorValues(entry: TensorEntry, signal?: AbortSignal): AsyncGenerator<Float32Array> {
  for await (const { bytes, count } of tensorChunks(entry, signal)) {
    const decoded = new Float32Array(count);
    unpackRow(entry.format, bytes, 0, decoded, count);
    yield decoded;
  }
}
