/**
 * A file appears whole or not at all: it is written under a temporary name in the same folder, flushed to the disk and
 * renamed. Where that fails, the temporary file is removed and an earlier file stays.
 */
import { randomUUID } from "node:crypto";
import { access, constants, open, rename, rm, stat } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { FunAsrError } from "../../errors.ts";

export type Write = (bytes: Uint8Array) => Promise<void>;

/** Small pieces are combined into writes of this size. */
const bufferBytes = 2 ** 20;

/** A file that is being written: `commit` moves it to its path, `abort` removes it. */
interface AtomicFile {
  readonly write: Write;
  /** Flushes to the disk and renames; aborts where that fails. */
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

/** Checks that a file can be written at `path`, to be called before long work. Throws `file_unwritable`. */
export async function checkPlace(path: string): Promise<void> {
  try {
    await access(dirname(path), constants.W_OK);
  } catch (cause) {
    throw unwritable(path, cause);
  }
  for (const [place, folder, code] of [
    [dirname(path), true, "ENOTDIR"],
    [path, false, "EISDIR"],
  ] as const) {
    const there = await stat(place).catch(() => undefined);
    if (there !== undefined && there.isDirectory() !== folder) throw unwritable(path, { code });
  }
}

/** Begins the file for `path`. Throws `file_unwritable`. */
export async function openAtomically(path: string): Promise<AtomicFile> {
  await checkPlace(path);
  const temporary = temporaryBeside(path);
  const file = await open(temporary, "wx").catch((cause: unknown) => {
    throw unwritable(path, cause);
  });
  const sink = buffered(path, file);
  const abort = async (): Promise<void> => {
    await file.close();
    await rm(temporary, { force: true });
  };
  return {
    write: sink.write,
    abort,
    async commit() {
      try {
        await sink.flush();
        await file.sync();
        await file.close();
        await rename(temporary, path);
      } catch (error) {
        await abort();
        throw error instanceof FunAsrError ? error : unwritable(path, error);
      }
    },
  };
}

/** A hidden name in the same folder, so that renaming stays within a file system. */
export const temporaryBeside = (path: string): string =>
  join(dirname(path), `.${basename(path)}.${randomUUID()}.tmp`);

function buffered(path: string, file: FileHandle): { readonly write: Write; flush(): Promise<void> } {
  const buffer = new Uint8Array(bufferBytes);
  let held = 0;
  const put = async (bytes: Uint8Array): Promise<void> => {
    for (let done = 0; done < bytes.length;) {
      const { bytesWritten } = await file.write(bytes, done).catch((cause: unknown) => {
        throw unwritable(path, cause);
      });
      done += bytesWritten;
    }
  };
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

/** The operating system's error codes in plain words, with a remedy. */
const reasons: Readonly<Record<string, readonly [found: string, remedy: string]>> = {
  ENOENT: ["there is no such folder", "Create it, or choose another path"],
  ENOTDIR: ["a file is in the place of its folder", "Choose another path"],
  EISDIR: ["a folder has this name", "Choose another path"],
  EACCES: ["permission denied", "Choose another path"],
  EPERM: ["permission denied", "Choose another path"],
  EROFS: ["the file system is read-only", "Choose another path"],
  ENOSPC: ["the disk is full", "Free some space on the disk"],
};

export function unwritable(path: string, cause: unknown): FunAsrError {
  const code = (cause as NodeJS.ErrnoException).code ?? String(cause);
  const [found, remedy] = reasons[code] ?? [];
  const reason = found === undefined ? code : `${found} (${code})`;
  const details = remedy === undefined ? { cause } : { cause, remedy };
  return new FunAsrError("file_unwritable", path, `the file cannot be written: ${reason}`, details);
}
