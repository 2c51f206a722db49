/** Opens a stage archive: a folder of NumPy files, or a file whose first bytes give the format. */
import { stat } from "node:fs/promises";
import { openFile } from "../../adapters/node/open-file.ts";
import { malformed } from "./archive.ts";
import type { StageReader } from "./archive.ts";
import { openFolder } from "./folder.ts";
import { openGgufArchive } from "./gguf.ts";
import { openNpz } from "./npz.ts";
import { openSafetensors } from "./safetensors.ts";

/** Throws `file_not_found`, `archive_malformed` or the error of the container's reader. */
export async function openArchive(path: string): Promise<StageReader> {
  const status = await stat(path).catch(() => undefined);
  if (status?.isDirectory() === true) return openFolder(path);
  const file = await openFile(path);
  try {
    const start = new Uint8Array(Math.min(9, file.size));
    await file.read(0, start);
    const magic = Buffer.from(start).toString("latin1");
    if (magic.startsWith("GGUF")) {
      await file[Symbol.asyncDispose]();
      return await openGgufArchive(path);
    }
    if (magic.startsWith("PK")) return await openNpz(file);
    if (magic[8] === "{") return await openSafetensors(file);
    const found = file.size === 0 ? "the file is empty" : "the first bytes are no archive's";
    throw malformed(path, found, "a stage archive: safetensors, npz, GGUF, or a folder of npy");
  } catch (error) {
    await file[Symbol.asyncDispose]();
    throw error;
  }
}
