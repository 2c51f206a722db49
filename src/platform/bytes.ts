/**
 * Bytes that are read by range, wherever they are: a file, a server, memory, or a stream. Everything above this file
 * asks for ranges only, so a model of 3 GB or a recording of hours is never held as one buffer.
 */
import { FileError, UsageError } from "../errors.ts";

export interface ByteSource extends AsyncDisposable {
  /** Its name in messages. */
  readonly name: string;
  /** Bytes in it; `Infinity` for a stream that has not ended yet. */
  readonly size: number;
  /** Whether a read is a network request. */
  readonly remote: boolean;
  /** Where it is on disk, if it is. */
  readonly path?: string | undefined;
  /** Fills all of `target` from byte `offset` on, or fails. */
  read(offset: number, target: Uint8Array, signal?: AbortSignal): Promise<void>;
  /** Streams only: waits until the bytes before `end` have arrived, or the stream has ended and `size` is known. */
  reach?(end: number): Promise<void>;
}

/** The bytes are not copied and must not change. Throws `bad_option` where their buffer was transferred to another thread. */
export function openBytes(from: Uint8Array | ArrayBuffer, name = "buffer"): ByteSource {
  const bytes = attached(from, name);
  return {
    name,
    size: bytes.length,
    remote: false,
    async read(offset, target, signal) {
      signal?.throwIfAborted();
      if (offset + target.length > bytes.length) throw shrunk(name, bytes.length);
      target.set(bytes.subarray(offset, offset + target.length));
    },
    [Symbol.asyncDispose]: async () => {},
  };
}

/** Node 20 does not have `ArrayBuffer.detached`, but a view of such a buffer cannot be made. */
function attached(from: Uint8Array | ArrayBuffer, name: string): Uint8Array {
  try {
    return from instanceof Uint8Array ? from.subarray() : new Uint8Array(from);
  } catch (cause) {
    const found = "bytes whose buffer was transferred to another thread";
    throw new UsageError("bad_option", name, found, { wanted: "bytes of this thread", cause });
  }
}

/** A `File` of a browser is a blob too. */
export function openBlob(blob: Blob & { readonly name?: string }): ByteSource {
  const { name = "blob", size } = blob;
  return {
    name,
    size,
    remote: false,
    async read(offset, target, signal) {
      signal?.throwIfAborted();
      const part = new Uint8Array(await blob.slice(offset, offset + target.length).arrayBuffer());
      if (part.length < target.length) throw shrunk(name, offset + part.length);
      target.set(part);
    },
    [Symbol.asyncDispose]: async () => {},
  };
}

/** The bytes from `offset` on: `length` of them, or as many as there are before the end. */
export async function readUpTo(source: ByteSource, offset: number, length: number): Promise<Uint8Array> {
  await source.reach?.(offset + length);
  const bytes = new Uint8Array(Math.max(0, Math.min(length, source.size - offset)));
  if (bytes.length > 0) await source.read(offset, bytes);
  return bytes;
}

/** The source from byte `start` to `end`, or to its own end. The source itself is closed by its owner. */
export function sliced(source: ByteSource, start: number, end = Infinity): ByteSource {
  if (start === 0 && end === Infinity) return source;
  const { name, remote, reach } = source;
  return {
    name,
    remote,
    get size() {
      return Math.max(0, Math.min(source.size, end) - start);
    },
    read: (at, target, signal) => source.read(start + at, target, signal),
    ...(reach === undefined ? {} : { reach: (wanted: number) => reach(Math.min(start + wanted, end)) }),
    [Symbol.asyncDispose]: async () => {},
  };
}

/** Sizes are checked when a file is opened: it was truncated since. */
export function shrunk(name: string, offset: number): FileError {
  return new FileError(
    "file_unreadable",
    `${name}, byte ${offset}`,
    "the file became shorter while it was read",
  );
}
