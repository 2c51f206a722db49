/** A file or a named pipe, piece by piece. */
import { close, createReadStream, fstat, open } from "node:fs";
import { Socket } from "node:net";
import { promisify } from "node:util";
import { FileError } from "../../errors.ts";
import { readFlags, unreadable } from "./open-file.ts";

/**
 * The bytes of a file, or what the writers of a pipe write, from the first one on. The stream can be ended at any moment,
 * while no writer has come, too: no thread waits in the operating system. Throws `file_not_found` or `file_unreadable`.
 */
export async function openPieces(path: string): Promise<AsyncIterable<Uint8Array>> {
  const failed = (cause: unknown): never => {
    throw unreadable(path, cause);
  };
  const fd = await promisify(open)(path, readFlags).catch(failed);
  const status = await promisify(fstat)(fd).catch(failed);
  if (status.isFile()) return createReadStream(path, { fd });
  if (status.isFIFO()) return new Socket({ fd, readable: true, writable: false });
  await promisify(close)(fd);
  throw new FileError("file_unreadable", path, "this is neither a regular file nor a pipe");
}
