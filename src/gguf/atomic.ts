/**
 * A file appears whole or not at all: written beside its place under a temporary name, flushed to the disk, renamed.
 * Whatever fails on the way, nothing is left behind and what was there before stays.
 */
import { randomUUID } from "node:crypto";
import { open, rename, rm } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { FunAsrError } from "../errors.ts";

export type Write = (bytes: Uint8Array) => Promise<void>;

/** Small pieces are gathered into writes of this size. */
const bufferBytes = 2 ** 20;

/** Creates or replaces the file at `path` with what `produce` writes. */
export async function writeAtomically(path: string, produce: (write: Write) => Promise<void>): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.${randomUUID()}.tmp`);
  const file = await open(temporary, "wx").catch((cause: unknown) => {
    throw unwritable(path, cause);
  });
  try {
    await fill(path, file, produce);
    await rename(temporary, path).catch((cause: unknown) => {
      throw unwritable(path, cause);
    });
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

async function fill(path: string, file: FileHandle, produce: (write: Write) => Promise<void>): Promise<void> {
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
  try {
    await produce(async (bytes) => {
      if (held + bytes.length > bufferBytes) await flush();
      if (bytes.length > bufferBytes) return put(bytes);
      buffer.set(bytes, held);
      held += bytes.length;
    });
    await flush();
    await file.sync().catch((cause: unknown) => {
      throw unwritable(path, cause);
    });
  } finally {
    await file.close();
  }
}

function unwritable(path: string, cause: unknown): FunAsrError {
  const reason = (cause as NodeJS.ErrnoException).code ?? String(cause);
  const remedy = reason === "ENOSPC" ? "Free some space on the disk" : undefined;
  const details = remedy === undefined ? { cause } : { cause, remedy };
  return new FunAsrError("file_unwritable", path, `the file cannot be written (${reason})`, details);
}
