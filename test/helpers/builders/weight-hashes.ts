/** Hashes of weights as float32, which fixtures hold of files that NumPy read. */
import { createHash } from "node:crypto";
import type { TensorEntry } from "../../../src/checkpoints/checkpoint.ts";
import { tensorValues } from "../../../converters/writers/tensor-chunks.ts";

export async function hashOf(entry: TensorEntry): Promise<string> {
  const hash = createHash("sha256");
  for await (const piece of tensorValues(entry)) hash.update(piece);
  return hash.digest("hex");
}

/** By name. */
export async function hashesOf(entries: Iterable<TensorEntry>): Promise<Readonly<Record<string, string>>> {
  const found: Record<string, string> = {};
  for (const entry of entries) found[entry.name] = await hashOf(entry);
  return found;
}
