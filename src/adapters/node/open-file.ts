/**
 * Reading by range, from wherever the bytes are: a file, memory, or (http.ts) a server. Everything above this file
 * asks for ranges only, so a 3 GB model is never held as one buffer.
 */
import { open } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { basename } from "node:path";
import { FunAsrError, ModelFormatError } from "../../errors.ts";

export interface RandomAccess extends AsyncDisposable {
  /** What to call it in messages. */
  readonly name: string;
  readonly size: number;
  /** Whether a read is a network request. */
  readonly remote: boolean;
  /** Fills all of `target` from byte `offset`, or fails. */
  read(offset: number, target: Uint8Array, signal?: AbortSignal): Promise<void>;
}

/** Large reads go in pieces, so that they can be aborted; a single read takes at most 2 GiB anyway. */
const pieceBytes = 64 * 2 ** 20;

/** Opens a regular file. */
export async function openFile(path: string): Promise<RandomAccess> {
  const name = basename(path);
  let handle: FileHandle;
  try {
    handle = await open(path, "r");
  } catch (cause) {
    throw unreadable(path, cause);
  }
  const status = await handle.stat();
  if (!status.isFile()) {
    await handle.close();
    throw new FunAsrError("file_unreadable", path, "this is not a regular file", { wanted: "a GGUF file" });
  }

  return {
    name,
    size: status.size,
    remote: false,
    async read(offset, target, signal) {
      let done = 0;
      while (done < target.length) {
        signal?.throwIfAborted();
        const length = Math.min(pieceBytes, target.length - done);
        const { bytesRead } = await handle
          .read(target, done, length, offset + done)
          .catch((cause: unknown) => {
            throw unreadable(path, cause);
          });
        if (bytesRead === 0) throw shrunk(name, offset + done);
        done += bytesRead;
      }
    },
    [Symbol.asyncDispose]: () => handle.close(),
  };
}

/** The bytes themselves; they are not copied and must not change. */
export function openBytes(bytes: Uint8Array, name = "buffer"): RandomAccess {
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

function unreadable(path: string, cause: unknown): FunAsrError {
  const reason = (cause as NodeJS.ErrnoException).code ?? String(cause);
  return reason === "ENOENT"
    ? new FunAsrError("file_not_found", path, "there is no such file", { cause })
    : new FunAsrError("file_unreadable", path, `the file cannot be read (${reason})`, { cause });
}

/** Sizes were checked when the file was opened: somebody has truncated it since. */
function shrunk(name: string, offset: number): ModelFormatError {
  return new ModelFormatError(
    "gguf_truncated",
    `${name}, byte ${offset}`,
    "the file became shorter while it was read",
  );
}
