/** Small text files that the command line is given. */
import { openFile } from "../gguf/access.ts";

const mostBytes = 2 ** 21;

/** Throws `file_not_found` or `file_unreadable`; reads no more of a file than any text of ours has. */
export async function readText(path: string): Promise<string> {
  await using file = await openFile(path);
  const bytes = new Uint8Array(Math.min(file.size, mostBytes));
  await file.read(0, bytes);
  return new TextDecoder().decode(bytes);
}
