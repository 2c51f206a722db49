/**
 * Data that an ONNX model keeps outside: only in a plain file of the model's own folder or of a folder in it, on a way
 * without links of either kind. A model from an unknown source must not name other files of this computer.
 */
import type { ByteSource } from "../../../src/platform/bytes.ts";
import type { FileSet } from "../../../src/platform/file-set.ts";
import { malformed } from "../../../src/checkpoints/malformed.ts";
import type { ExternalData } from "./tensor.ts";

/** Fills `target` from byte `at` of the data. `where` is the initializer in messages. */
export async function readExternal(
  files: FileSet,
  where: string,
  data: ExternalData,
  at: number,
  target: Uint8Array,
): Promise<void> {
  await using source = await openExternal(files, where, data, at + target.length);
  await source.read(data.offset + at, target);
}

/** Throws `checkpoint_malformed` unless the data is there, `bytes` of it. */
export async function checkExternal(
  files: FileSet,
  where: string,
  data: ExternalData,
  bytes: number,
): Promise<void> {
  await using _ = await openExternal(files, where, data, bytes);
}

/** The file, which has the data and at least `length` bytes from its offset on. */
async function openExternal(
  files: FileSet,
  where: string,
  { file, offset, length = 0 }: ExternalData,
  least: number,
): Promise<ByteSource> {
  const path = pathOf(where, file);
  const source = await files.openPlain(path).catch((cause: unknown) => {
    throw malformed(
      where,
      `${JSON.stringify(file)} cannot be opened as a plain file`,
      "external data beside the model",
      cause,
    );
  });
  if (source === undefined)
    throw malformed(where, `${JSON.stringify(file)} is a link or no file`, "a plain file");
  const end = offset + Math.max(length, least);
  if (end <= source.size) return source;
  await source[Symbol.asyncDispose]();
  throw malformed(where, `bytes up to ${end} of ${JSON.stringify(file)}`, `at most ${source.size}`);
}

/** The path within the folder. Refused before anything is opened. */
function pathOf(where: string, file: string): string {
  const parts = file.split("/").filter((part) => part !== ".");
  const isInside =
    parts.length > 0 && parts.every((part) => part !== "" && part !== ".." && !/[\\:\0]/.test(part));
  if (isInside) return parts.join("/");
  throw malformed(
    where,
    `external data in ${JSON.stringify(file.slice(0, 100))}`,
    "a file in the model's folder",
  );
}
