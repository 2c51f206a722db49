/** A file before it is complete: it is under a temporary name, where every byte of it can still be written. */
import { copyFile, open, rename } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname } from "node:path";
import { FunAsrError } from "../../../errors.ts";
import { findPlace } from "./place.ts";
import type { Place } from "./place.ts";
import { openStream } from "./stream.ts";
import { temporaryIn } from "./temporary.ts";
import { unwritable } from "./unwritable.ts";

export interface Draft {
  readonly handle: FileHandle;
  /** Flushes the file to the disk and moves it to its path, or writes it to the device or pipe there. Aborts where that fails. */
  commit(): Promise<void>;
  /** Removes it. */
  abort(): Promise<void>;
}

const copyBytes = 2 ** 20;

/** Begins the file for `path`. Throws `file_unwritable`. */
export async function openDraft(path: string, place?: Place): Promise<Draft> {
  const found = place ?? (await findPlace(path));
  const temporary = await temporaryIn(found.kind === "file" ? dirname(found.path) : tmpdir());
  const handle = await open(temporary.path, "wx+").catch((cause: unknown) => {
    temporary.release();
    throw unwritable(path, cause);
  });
  const abort = async (): Promise<void> => {
    await handle.close();
    await temporary.remove();
  };
  return {
    handle,
    abort,
    async commit() {
      try {
        if (found.kind === "file") {
          await keepMode(handle, found);
          await handle.sync();
          await handle.close();
          await rename(temporary.path, found.path).catch(async (cause: NodeJS.ErrnoException) => {
            if (cause.code !== "EBUSY") throw cause;
            await copyFile(temporary.path, found.path); // a file that is mounted on its own, as in containers
            await temporary.remove();
          });
          temporary.release();
        } else {
          await copy(handle, path, found);
          await abort();
        }
      } catch (error) {
        await abort();
        throw error instanceof FunAsrError ? error : unwritable(path, error);
      }
    },
  };
}

/** The new file has the owner, where this process may set it, and the mode of the one that it replaces. */
async function keepMode(handle: FileHandle, { kept }: Extract<Place, { kind: "file" }>): Promise<void> {
  if (kept === undefined) return;
  const own = await handle.stat();
  if (own.uid !== kept.uid || own.gid !== kept.gid) await handle.chown(kept.uid, kept.gid).catch(() => {});
  await handle.chmod(kept.mode & 0o777);
}

async function copy(from: FileHandle, path: string, to: Exclude<Place, { kind: "file" }>): Promise<void> {
  const stream = await openStream(path, to);
  try {
    const buffer = new Uint8Array(copyBytes);
    for (let at = 0; ;) {
      const { bytesRead } = await from.read(buffer, 0, buffer.length, at);
      if (bytesRead === 0) break;
      await stream.write(buffer.subarray(0, bytesRead));
      at += bytesRead;
    }
  } finally {
    await stream.close();
  }
}
