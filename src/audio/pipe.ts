/**
 * A stream of bytes, such as standard input, as a source that is read forward: the latest bytes are kept, so that a
 * decoder can go back to a header. The size is `Infinity` until the stream has ended.
 */
import { AudioError, UsageError } from "../errors.ts";
import { shrunk } from "../platform/bytes.ts";
import type { ByteSource } from "../platform/bytes.ts";
import { readStream } from "../platform/stream-reader.ts";

/** Bytes that are kept: more than the metadata before the audio of any real file, pictures included. */
const KEPT_BYTES = 32 * 2 ** 20;

/** `bytes` is closed when the source is. */
export function pipeSource(bytes: AsyncIterable<Uint8Array>, name: string): ByteSource {
  const chunks = readStream(bytes);
  let kept: Uint8Array[] = []; // neighbors, in order
  let first = 0; // the offset of the first of them
  let end = 0; // the offset after the last
  let ended = false;

  /** Reads the next chunk; false at the end. */
  const pull = async (): Promise<boolean> => {
    const next = await chunks.next();
    if (next.done === true) {
      ended = true;
      return false;
    }
    if (!(next.value instanceof Uint8Array)) {
      throw new UsageError("bad_option", name, `a piece that is not bytes (${typeof next.value})`, {
        wanted: "pieces as Uint8Array",
      });
    }
    kept.push(next.value);
    end += next.value.length;
    while (end - first - (kept[0]?.length ?? 0) > KEPT_BYTES) first += kept.shift()!.length;
    return true;
  };

  const reach = async (wanted: number): Promise<void> => {
    for (let more = !ended && end < wanted; more; more = end < wanted) if (!(await pull())) return;
  };

  return {
    name,
    remote: false,
    get size() {
      return ended ? end : Infinity;
    },
    reach,
    async read(offset, target) {
      await reach(offset + target.length);
      if (offset < first) {
        throw new AudioError("audio_malformed", name, `byte ${offset} is needed again after byte ${end}`, {
          wanted: "a file that can be read forward",
          remedy: "Write the stream to a file first",
        });
      }
      if (offset + target.length > end) throw shrunk(name, end);
      copyRange(kept, offset - first, target);
    },
    async [Symbol.asyncDispose]() {
      kept = [];
      ended = true;
      await chunks.close();
    },
  };
}

/** Fills `target` from byte `from` of the joined chunks on. */
function copyRange(chunks: readonly Uint8Array[], from: number, target: Uint8Array): void {
  let at = 0; // where the chunk begins
  for (const chunk of chunks) {
    const [start, stop] = [Math.max(from, at), Math.min(from + target.length, at + chunk.length)];
    if (stop > start) target.set(chunk.subarray(start - at, stop - at), start - from);
    at += chunk.length;
  }
}
