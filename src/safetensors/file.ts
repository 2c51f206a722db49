/** Safetensors files: read whole, written atomically. */
import { randomUUID } from "node:crypto";
import { open, readFile, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { FunAsrError } from "../errors.ts";
import { encodeSafetensors, parseSafetensors } from "./safetensors.ts";
import type { Safetensors, StoredTensor } from "./safetensors.ts";

/** Reads a file, or bytes that are already here. */
export async function readSafetensors(source: string | Uint8Array): Promise<Safetensors> {
  if (typeof source !== "string") return parseSafetensors(source);
  const bytes = await readFile(source).catch((cause: unknown) => {
    const code = (cause as NodeJS.ErrnoException).code;
    throw code === "ENOENT"
      ? new FunAsrError("file_not_found", source, "there is no such file", { cause })
      : new FunAsrError("file_unreadable", source, `the file cannot be read (${code})`, { cause });
  });
  return parseSafetensors(bytes, basename(source));
}

/** Creates or replaces the file at `path`; it appears whole or not at all. */
export async function writeSafetensors(
  path: string,
  tensors: Iterable<StoredTensor>,
  metadata?: ReadonlyMap<string, string>,
): Promise<void> {
  const pieces = encodeSafetensors(tensors, metadata);
  const temporary = join(dirname(path), `.${basename(path)}.${randomUUID()}.tmp`);
  const unwritable = (cause: unknown): FunAsrError => {
    const code = (cause as NodeJS.ErrnoException).code;
    return new FunAsrError("file_unwritable", path, `the file cannot be written (${code})`, { cause });
  };
  const file = await open(temporary, "wx").catch((cause: unknown) => {
    throw unwritable(cause);
  });
  try {
    try {
      for (const piece of pieces) await file.writeFile(piece);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (cause) {
    await rm(temporary, { force: true });
    throw unwritable(cause);
  }
}
