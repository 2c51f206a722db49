/** Folders for outputs. */
import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { checkFolder } from "./place.ts";
import { unwritable } from "./unwritable.ts";

/** Creates a folder where there is none, with those above it; files can be made in it. Throws `file_unwritable`. */
export async function createFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true }).catch(async (cause: NodeJS.ErrnoException) => {
      // Node's code for a read-only file system, too, where more than one folder is missing
      if (cause.code === "ENOENT") await checkFolder(lastThere(folder));
      throw cause;
    });
    await checkFolder(folder);
  } catch (cause) {
    throw unwritable(folder, cause);
  }
}

/** The path, or the nearest one above it that is there. */
function lastThere(path: string): string {
  return existsSync(path) || dirname(path) === path ? path : lastThere(dirname(path));
}
