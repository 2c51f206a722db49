/** What the writers need of Node: files that appear whole, hashes, names of files. */
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { writeAtomically } from "../../src/adapters/node/output/atomic-file.ts";
import { guardOutputs } from "../../src/adapters/node/output/guard.ts";
import { openFile } from "../../src/adapters/node/open-file.ts";
import { encodeGguf } from "../../src/checkpoints/gguf/write.ts";
import type { GgufContent, WriteOptions } from "../../src/checkpoints/gguf/write.ts";

/** Creates or replaces the file at `path`; it appears whole or not at all. */
export async function writeGguf(
  path: string,
  content: GgufContent,
  options: WriteOptions = {},
): Promise<void> {
  await writeAtomically(path, async (write) => {
    for await (const chunk of encodeGguf(content, options)) await write(chunk);
  });
}

/** Checks, before the work, that all files can be written and none is of the model at `from`. */
export function guardFiles(files: readonly string[], from: readonly string[]): Promise<void> {
  return guardOutputs(files, { models: from }, { remedy: "With force (--force), it is replaced" });
}

export async function sha256(path: string): Promise<string> {
  await using file = await openFile(path);
  const hash = createHash("sha256");
  const buffer = new Uint8Array(2 ** 20);
  for (let at = 0; at < file.size; at += buffer.length) {
    const chunk = buffer.subarray(0, Math.min(buffer.length, file.size - at));
    await file.read(at, chunk);
    hash.update(chunk);
  }
  return hash.digest("hex");
}

/**
 * The compiled program of a thread that quantizes; undefined where it does not lie beside this file: among the sources, and
 * in a bundle, where one thread does the work.
 */
export function quantizerProgram(): URL | undefined {
  const here = import.meta.url as string | undefined; // undefined in a bundle in CommonJS
  if (here === undefined) return undefined;
  // The name is no literal of `new URL`: bundlers would copy the file without what it imports.
  const name = "quantizer-worker.js";
  const program = new URL(name, here);
  return existsSync(fileURLToPath(program)) ? program : undefined;
}

export { basename as fileName };
