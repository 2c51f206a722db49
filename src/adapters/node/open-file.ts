/** Files on the disk, read by range. */
import { constants } from "node:fs";
import { open } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { FileError, fileNotFound, UsageError } from "../../errors.ts";
import { shrunk } from "../../platform/bytes.ts";
import type { ByteSource } from "../../platform/bytes.ts";
import { noPointer } from "../../platform/lfs-pointer.ts";

/** Large reads go in pieces, so that they can be aborted; a single read takes at most 2 GiB anyway. */
const pieceBytes = 64 * 2 ** 20;

/** How files are opened to be read: a pipe is opened at once, and then refused, where a plain open waits for its writer. */
export const readFlags = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

/** Opens a regular file. Throws `file_not_found`, or `file_unreadable`: for a Git LFS pointer too. */
export async function openFile(place: string | URL): Promise<ByteSource> {
  const path = pathOf(place);
  let handle: FileHandle;
  try {
    handle = await open(path, readFlags);
  } catch (cause) {
    throw unreadable(path, cause);
  }
  const status = await handle.stat();
  if (!status.isFile()) {
    await handle.close();
    throw new FileError("file_unreadable", path, "this is not a regular file");
  }

  return noPointer(sourceOf(handle, path, status.size));
}

/** The path of a file, given as it is or as a file: address. Throws `bad_option` for addresses that name no path. */
export function pathOf(place: string | URL): string {
  if (typeof place === "string" && !/^file:\/\//iu.test(place)) return place;
  try {
    return fileURLToPath(place);
  } catch (cause) {
    throw new UsageError("bad_option", String(place), "an address that is not a path", {
      wanted: "such as file:///folder/model.gguf",
      cause,
    });
  }
}

/** An open file as bytes to read; it is closed with them. */
export function sourceOf(handle: FileHandle, path: string, size: number): ByteSource {
  const name = basename(path);
  return {
    name,
    size,
    remote: false,
    path,
    async read(offset, target, signal) {
      let done = 0;
      while (done < target.length) {
        signal?.throwIfAborted();
        const length = Math.min(pieceBytes, target.length - done);
        const { bytesRead } = await handle
          .read(target, done, length, offset + done)
          .catch((cause: unknown) => {
            throw unreadable(path, cause);
          });
        if (bytesRead === 0) throw shrunk(name, offset + done);
        done += bytesRead;
      }
    },
    [Symbol.asyncDispose]: () => handle.close(),
  };
}

const remedies: Readonly<Record<string, string>> = {
  EMFILE: "Raise the limit of open files of the process: ulimit -n 1024",
  ENFILE: "Close other programs: the system has no more open files",
  ERR_ACCESS_DENIED: "Start Node with --allow-fs-read for this path",
};

/** The error for a reason of the operating system. */
export function unreadable(path: string, cause: unknown): FileError {
  const reason = (cause as NodeJS.ErrnoException).code ?? String(cause);
  if (reason === "ENOENT") return fileNotFound(path, { cause });
  const remedy = remedies[reason];
  return new FileError("file_unreadable", path, `the file cannot be read (${reason})`, {
    ...(remedy === undefined ? {} : { remedy }),
    cause,
  });
}
