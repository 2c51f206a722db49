/** Small text files: lists of words, rules, transcripts, constants. */
import { readFile, stat } from "node:fs/promises";
import { FunAsrError } from "../../errors.ts";

/** No text of ours is longer; a model that was named by mistake is. */
const mostBytes = 2 ** 26;

/** The text of a file, as UTF-8. Throws `file_not_found` or `file_unreadable`. */
export async function readText(path: string): Promise<string> {
  const unreadable = (found: string, cause?: unknown): FunAsrError =>
    new FunAsrError("file_unreadable", path, found, { wanted: "a small text file in UTF-8", cause });
  const status = await stat(path).catch((cause: unknown) => {
    const absent = (cause as { code?: unknown }).code === "ENOENT";
    throw absent
      ? new FunAsrError("file_not_found", path, "no such file", { cause })
      : unreadable(String(cause), cause);
  });
  if (!status.isFile() || status.size > mostBytes)
    throw unreadable(`no regular file of up to ${mostBytes} bytes`);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(await readFile(path));
  } catch (cause) {
    throw unreadable(cause instanceof TypeError ? "not UTF-8" : String(cause), cause);
  }
}
