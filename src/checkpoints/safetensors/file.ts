/** Safetensors files: read whole, written atomically. */
import { platform } from "../../platform/current.ts";
import { writeAtomically } from "../../adapters/node/atomic-file.ts";
import { encodeSafetensors, parseSafetensors } from "./safetensors.ts";
import type { Safetensors, StoredTensor } from "./safetensors.ts";

/** Reads a file, or bytes that are already here. */
export async function readSafetensors(source: string | Uint8Array): Promise<Safetensors> {
  if (typeof source !== "string") return parseSafetensors(source);
  await using file = await platform().openFile(source);
  const bytes = new Uint8Array(file.size);
  await file.read(0, bytes);
  return parseSafetensors(bytes, file.name);
}

/** Creates or replaces the file at `path`; it appears whole or not at all. */
export async function writeSafetensors(
  path: string,
  tensors: Iterable<StoredTensor>,
  metadata?: ReadonlyMap<string, string>,
): Promise<void> {
  const pieces = encodeSafetensors(tensors, metadata);
  await writeAtomically(path, async (write) => {
    for (const piece of pieces) await write(piece);
  });
}
