/** What reads a text that someone else wrote, as a function of that text. */
import { FileError } from "../../../src/errors.ts";
import type { ErrorCode } from "../../../src/errors.ts";
import { openBytes } from "../../../src/platform/bytes.ts";
import type { FileSet } from "../../../src/platform/file-set.ts";
import { Companions } from "../../../converters/readers/companions.ts";

export interface TextReader {
  /** The codes of its refusals. */
  readonly codes: readonly ErrorCode[];
  /** The places of a shape in the text, where it is not the whole text. */
  readonly frames?: Readonly<Record<string, (shape: string) => string>>;
  read(text: string): unknown;
}

export type TextReaders = Readonly<Record<string, TextReader>>;

/** A folder in memory. */
export function folderOf(texts: Readonly<Record<string, string | Uint8Array>>): FileSet {
  const open: FileSet["open"] = async (path) => {
    const found = texts[path];
    if (found === undefined) throw new FileError("file_not_found", path, "nothing", {});
    return openBytes(Buffer.from(found as string), path);
  };
  const has = (path: string): boolean => texts[path] !== undefined;
  return {
    name: "memory",
    names: async () => Object.keys(texts),
    has: async (path) => has(path),
    open,
    openPlain: async (path) => (has(path) ? open(path) : undefined),
  };
}

export const companionsOf = (texts: Readonly<Record<string, string | Uint8Array>>): Companions =>
  new Companions(folderOf(texts));
