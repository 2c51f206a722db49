/** Folders of the disk. */
import { constants } from "node:fs";
import { lstat, open, readdir, stat } from "node:fs/promises";
import { basename, dirname, join, normalize } from "node:path";
import { noPointer } from "../../platform/lfs-pointer.ts";
import type { FileSet, Location } from "../../platform/file-set.ts";
import { openFile, pathOf, readFlags, sourceOf, unreadable } from "./open-file.ts";

export function openFolder(folder: string): FileSet {
  const name = normalize(folder).replace(/(?<=.)[/\\]$/u, "");
  return {
    name,
    async names() {
      const found = await readdir(name).catch((cause: unknown) => {
        throw unreadable(name, cause);
      });
      return found.toSorted((a, b) => (a < b ? -1 : 1));
    },
    has: async (path) => (await stat(join(folder, path)).catch(() => undefined)) !== undefined,
    open: (path) => openFile(join(folder, path)),
    async openPlain(file) {
      const path = join(folder, file);
      if (!(await hasPlainFolders(folder, file))) return undefined;
      const handle = await open(path, readFlags | (constants.O_NOFOLLOW ?? 0)).catch((cause: unknown) => {
        throw unreadable(path, cause);
      });
      const status = await handle.stat();
      if (status.isFile() && status.nlink === 1) return noPointer(sourceOf(handle, path, status.size));
      await handle.close();
      return undefined;
    },
  };
}

/** Whether all folders on the way to a file are folders, and none a link to one. */
async function hasPlainFolders(folder: string, file: string): Promise<boolean> {
  const parts = file.split("/").slice(0, -1);
  for (let count = 1; count <= parts.length; count++) {
    const status = await lstat(join(folder, ...parts.slice(0, count))).catch((cause: unknown) => {
      throw unreadable(join(folder, file), cause);
    });
    if (!status.isDirectory()) return false;
  }
  return true;
}

/** The folder at `place`, a path or a file: address, or the one that holds the file at `path`, whether it exists or not. */
export async function locate(place: string | URL): Promise<Location> {
  const path = pathOf(place);
  const status = await stat(path).catch(() => undefined);
  if (status?.isDirectory() === true) return { files: openFolder(path) };
  return { files: openFolder(dirname(path)), file: basename(path) };
}
