/** Streams that must be read more than once, in temporary files. */
import { mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FileError } from "../../errors.ts";
import { readUpTo } from "../../platform/bytes.ts";
import type { ByteSource } from "../../platform/bytes.ts";
import { openFile } from "./open-file.ts";

const CHUNK_BYTES = 2 ** 20;

/** Copies all of `source` to a file that only this user can read; it is removed when the result is disposed of. */
export async function spool(source: ByteSource): Promise<ByteSource> {
  const prefix = join(tmpdir(), "fun-asr-audio-");
  const folder = await mkdtemp(prefix).catch((cause: unknown) => {
    throw unwritable(prefix, cause);
  });
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    const path = join(folder, "audio");
    await copy(source, path);
    const file = await openFile(path);
    return {
      ...file,
      name: source.name,
      async [Symbol.asyncDispose]() {
        await file[Symbol.asyncDispose]();
        await remove();
      },
    };
  } catch (error) {
    await remove();
    throw error;
  }
}

async function copy(source: ByteSource, path: string): Promise<void> {
  await using file = await open(path, "wx", 0o600).catch((cause: unknown) => {
    throw unwritable(path, cause);
  });
  for (let at = 0; at < source.size; at += CHUNK_BYTES) {
    const chunk = await readUpTo(source, at, CHUNK_BYTES);
    await file.writeFile(chunk).catch((cause: unknown) => {
      throw unwritable(path, cause);
    });
  }
}

function unwritable(path: string, cause: unknown): FileError {
  const reason = (cause as NodeJS.ErrnoException).code ?? String(cause);
  return new FileError("file_unwritable", path, `the stream cannot be stored (${reason})`, {
    remedy: "Set TMPDIR to a folder with enough space, or give a file in place of the stream",
    cause,
  });
}
