/** Small text files: lists of words, rules, transcripts, constants. */
import { readFile, stat } from "node:fs/promises";
import { FileError } from "../../errors.ts";
import { refusePointer } from "../../platform/lfs-pointer.ts";
import { pathOf, unreadable } from "./open-file.ts";

/** A longer file is not one of ours, but a model that was named by mistake. */
const maxBytes = 2 ** 26;

/** The text of a file, as UTF-8. Throws `file_not_found` or `file_unreadable`. */
export async function readText(place: string | URL): Promise<string> {
  const path = pathOf(place);
  const refusal = (found: string, cause?: unknown): FileError =>
    new FileError("file_unreadable", path, found, { wanted: "a small text file in UTF-8", cause });
  const status = await stat(path).catch((cause: unknown) => {
    throw unreadable(path, cause);
  });
  if (!status.isFile() || status.size > maxBytes) throw refusal(`no regular file of up to ${maxBytes} bytes`);
  const bytes = await readFile(path).catch((cause: unknown) => {
    throw unreadable(path, cause);
  });
  refusePointer(bytes.toString("latin1", 0, 1024), path);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw refusal("not UTF-8", cause);
  }
}
