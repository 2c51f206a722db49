/** Opens a stage archive: a folder of NumPy files, or a file whose first bytes give the format. */
import { stat } from "node:fs/promises";
import { openFile } from "../../adapters/node/open-file.ts";
import type { ByteSource } from "../../platform/bytes.ts";
import { malformed } from "./archive.ts";
import type { StageReader } from "./archive.ts";
import { openFolder } from "./folder.ts";
import { openGgufArchive } from "./gguf.ts";
import { openNpz } from "./npz.ts";
import { openSafetensors } from "./safetensors.ts";

/** Is there an archive at the path, by its first bytes, or a folder? */
export async function isArchive(path: string): Promise<boolean> {
  const status = await stat(path).catch(() => undefined);
  if (status === undefined || status.isDirectory()) return status !== undefined;
  if (!status.isFile()) return false;
  await using file = await openFile(path);
  return formatOf(await startOf(file), file.size) !== undefined;
}

/** Throws `file_not_found`, `archive_malformed` or the error of the container's reader. */
export async function openArchive(path: string): Promise<StageReader> {
  const status = await stat(path).catch(() => undefined);
  if (status?.isDirectory() === true) return openFolder(path);
  const file = await openFile(path);
  try {
    const format = formatOf(await startOf(file), file.size);
    if (format === "gguf") {
      await file[Symbol.asyncDispose]();
      return await openGgufArchive(path);
    }
    if (format === "npz") return await openNpz(file);
    if (format === "safetensors") return await openSafetensors(file);
    const found = file.size === 0 ? "the file is empty" : "the first bytes are no archive's";
    throw malformed(path, found, "a stage archive: safetensors, npz, GGUF, or a folder of npy");
  } catch (error) {
    await file[Symbol.asyncDispose]();
    throw error;
  }
}

async function startOf(file: ByteSource): Promise<Buffer> {
  const start = Buffer.alloc(Math.min(9, file.size));
  await file.read(0, start);
  return start;
}

/** The format of a file that starts with these bytes; that of safetensors gives the length of its header first. */
function formatOf(start: Buffer, size: number): "gguf" | "npz" | "safetensors" | undefined {
  const text = start.toString("latin1");
  if (text.startsWith("GGUF")) return "gguf";
  if (text.startsWith("PK")) return "npz";
  return text[8] === "{" && start.readBigUInt64LE() <= BigInt(size) ? "safetensors" : undefined;
}
