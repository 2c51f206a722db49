/**
 * Reads a file on disk in blocks: most tensors of a model are vectors of some hundred bytes, one behind the other, and asking
 * the system for each takes longer than reading the whole block.
 */
import type { ByteSource } from "../../platform/bytes.ts";

const blockBytes = 256 * 1024;
/** What is longer is read by itself. */
const shortBytes = 64 * 1024;

/** The same file, whose short reads are copied from the last block that one of them needed. */
export function inBlocks(file: ByteSource): ByteSource {
  if (file.path === undefined || file.remote) return file;
  let block = new Uint8Array(0);
  let start = 0;
  return {
    ...file,
    async read(offset, target, signal) {
      signal?.throwIfAborted();
      const inside = offset >= start && offset + target.length <= start + block.length;
      if (!inside) {
        const length = Math.min(blockBytes, file.size - offset);
        if (target.length > shortBytes || target.length > length) return file.read(offset, target, signal);
        const next = new Uint8Array(length);
        await file.read(offset, next, signal);
        [block, start] = [next, offset];
        target.set(next.subarray(0, target.length));
        return;
      }
      target.set(block.subarray(offset - start, offset - start + target.length));
    },
  };
}
