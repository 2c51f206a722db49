/**
 * A file appears whole or not at all: it is written under a temporary name in the same folder, flushed to the disk and
 * renamed. Where that fails, the temporary file is removed and an earlier file stays. Devices and pipes are written to.
 */
import { FunAsrError } from "../../../errors.ts";
import { openDraft } from "./draft.ts";
import { findPlace } from "./place.ts";
import { openStream } from "./stream.ts";
import { unwritable } from "./unwritable.ts";

export type Write = (bytes: Uint8Array) => Promise<void>;

/** Small pieces are combined into writes of this size. */
const bufferBytes = 2 ** 20;

/** A file that is being written: `commit` completes it at its path, `abort` removes it. */
interface AtomicFile {
  readonly write: Write;
  /** Aborts where it fails. */
  commit(): Promise<void>;
  abort(): Promise<void>;
}

/** Creates or replaces the file at `path` with what `produce` writes. */
export async function writeAtomically(path: string, produce: (write: Write) => Promise<void>): Promise<void> {
  const file = await openAtomically(path);
  try {
    await produce(file.write);
  } catch (error) {
    await file.abort();
    throw error;
  }
  await file.commit();
}

/** Begins the file for `path`. Throws `file_unwritable`. */
export async function openAtomically(path: string): Promise<AtomicFile> {
  const place = await findPlace(path);
  if (place.kind !== "file") {
    const stream = await openStream(path, place);
    const { write, flush } = buffered(stream.write);
    return {
      write,
      async commit() {
        await flush().finally(stream.close);
      },
      abort: stream.close,
    };
  }
  const draft = await openDraft(path, place);
  const { write, flush } = buffered(async (bytes) => {
    for (let done = 0; done < bytes.length;) {
      const { bytesWritten } = await draft.handle.write(bytes, done).catch((cause: unknown) => {
        throw unwritable(path, cause);
      });
      done += bytesWritten;
    }
  });
  return {
    write,
    abort: draft.abort,
    async commit() {
      try {
        await flush();
      } catch (error) {
        await draft.abort();
        throw error instanceof FunAsrError ? error : unwritable(path, error);
      }
      await draft.commit();
    },
  };
}

function buffered(put: Write): { readonly write: Write; flush(): Promise<void> } {
  const buffer = new Uint8Array(bufferBytes);
  let held = 0;
  const flush = async (): Promise<void> => {
    await put(buffer.subarray(0, held));
    held = 0;
  };
  const write: Write = async (bytes) => {
    if (held + bytes.length > bufferBytes) await flush();
    if (bytes.length > bufferBytes) return put(bytes);
    buffer.set(bytes, held);
    held += bytes.length;
  };
  return { write, flush };
}
