/** Safetensors files, read whole. */
import { platform } from "../../platform/current.ts";
import { parseSafetensors } from "./safetensors.ts";
import type { Safetensors } from "./safetensors.ts";

/** Reads a file, or bytes that are already here. */
export async function readSafetensors(source: string | Uint8Array): Promise<Safetensors> {
  if (typeof source !== "string") return parseSafetensors(source);
  await using file = await platform().openFile(source);
  const bytes = new Uint8Array(file.size);
  await file.read(0, bytes);
  return parseSafetensors(bytes, file.name);
}
