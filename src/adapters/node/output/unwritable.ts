/** The error for an output that cannot be written, with the operating system's reason in plain words. */
import { FunAsrError } from "../../../errors.ts";

const reasons: Readonly<Record<string, readonly [found: string, remedy: string]>> = {
  ENOENT: ["there is no such folder", "Create it, or choose another path"],
  ENOTDIR: ["a file is in the place of its folder", "Choose another path"],
  EEXIST: ["a file is in the place of a folder", "Choose another path"],
  EISDIR: ["a folder has this name", "Choose another path"],
  EACCES: ["permission denied", "Choose another path"],
  EPERM: ["permission denied", "Choose another path"],
  EROFS: ["the file system is read-only", "Choose another path"],
  ENOSPC: ["the disk is full", "Free some space on the disk"],
  EDQUOT: ["the disk quota is used up", "Free some space on the disk"],
  EFBIG: ["it is larger than the file system or a limit of the process allows", "Choose another path"],
  ENAMETOOLONG: ["the name is too long for the file system", "Choose a shorter name"],
  ELOOP: ["its symbolic links form a loop", "Choose another path"],
  EPIPE: ["its reader is gone", "Keep the reader running until the file is complete"],
};

/** `cause` is an error of the operating system, or `{ code }` with one of its codes or a reason in words. */
export function unwritable(path: string, cause: unknown): FunAsrError {
  const code = (cause as NodeJS.ErrnoException).code ?? String(cause);
  const [found, remedy] = reasons[code] ?? [];
  const reason = found === undefined ? code : `${found} (${code})`;
  const details = remedy === undefined ? { cause } : { cause, remedy };
  return new FunAsrError("file_unwritable", path, `the file cannot be written: ${reason}`, details);
}
