/** The files that audio.cpp puts into a header, as a folder: names, and one array of bytes with the places in it. */
import type { GgufFile } from "../../../src/checkpoints/gguf/file.ts";
import { FileError, ModelFormatError } from "../../../src/errors.ts";
import { openBytes } from "../../../src/platform/bytes.ts";
import type { FileSet } from "../../../src/platform/file-set.ts";

const prefix = "audiocpp.embedded_files";

/** Throws `bad_metadata` where the arrays do not fit each other. */
export function embeddedFiles({ source, metadata }: GgufFile): FileSet {
  const names = textsOf(metadata.get(`${prefix}.names`));
  const parts = partsOf(source, metadata, names.length);
  const files = new Map(names.map((name, i) => [name, parts[i] ?? new Uint8Array(0)]));
  const open: FileSet["open"] = async (path) => {
    const bytes = files.get(path);
    if (bytes !== undefined) return openBytes(bytes, path);
    throw new FileError("file_not_found", `${source}, ${prefix}`, `there is no ${path} in the file`, {
      wanted: "a file that audio.cpp wrote with its side-cars",
    });
  };
  return {
    name: source,
    has: async (path) => files.has(path),
    open,
    names: async () => [...files.keys()].toSorted(),
    openPlain: async (path) => (files.has(path) ? open(path) : undefined),
  };
}

/** Bytes with offsets, or texts as older files have them. */
function partsOf(source: string, metadata: GgufFile["metadata"], count: number): readonly Uint8Array[] {
  const texts = metadata.get(`${prefix}.contents`);
  if (texts !== undefined) {
    const encoder = new TextEncoder();
    return textsOf(texts).map((text) => encoder.encode(text));
  }
  const data = metadata.get(`${prefix}.data`);
  const offsets = numbersOf(metadata.get(`${prefix}.offsets`));
  if (count === 0 || !(data instanceof Uint8Array)) return [];
  const rising = offsets.every((offset, i) => offset >= (offsets[i - 1] ?? 0));
  if (offsets.length !== count + 1 || !rising || offsets[0] !== 0 || offsets.at(-1) !== data.length) {
    throw new ModelFormatError(
      "bad_metadata",
      `${source}, key ${prefix}.offsets`,
      `${offsets.length} offsets`,
      {
        wanted: `${count + 1} that rise from 0 to ${data.length}`,
      },
    );
  }
  return offsets.slice(1).map((end, i) => data.subarray(offsets[i], end));
}

const textsOf = (value: unknown): readonly string[] =>
  Array.isArray(value) && value.every((item) => typeof item === "string") ? (value as readonly string[]) : [];
const numbersOf = (value: unknown): readonly number[] =>
  Array.isArray(value) && value.every((item) => typeof item === "number") ? (value as readonly number[]) : [];
