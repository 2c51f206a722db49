/** What reads untrusted bytes, and valid bytes to damage. */
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Part } from "../structure/part.ts";

export interface Original {
  readonly name: string;
  readonly tree: Part;
}

export interface Reader {
  readonly originals: readonly Original[];
  /** Whether it reads a text at once, without a turn for other work. */
  readonly isText?: boolean;
  /** Reads all of it. What it throws must be a `FunAsrError`, unless it finds that something is wrong. */
  read(bytes: Buffer): unknown;
}

export type Readers = Readonly<Record<string, Reader>>;

/** The repository, from the sources and from what is compiled. */
export const root = ((): string => {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!folder.endsWith("tools")) folder = dirname(folder);
  const above = dirname(folder);
  return above.endsWith("dist") ? dirname(above) : above;
})();

export const bytesOf = (file: string): Buffer => readFileSync(join(root, file));
export const textOf = (file: string): string => readFileSync(join(root, file), "utf8");

export const original = (file: string, treeOf: (bytes: Buffer) => Part): Original => ({
  name: file,
  tree: treeOf(bytesOf(file)),
});
