/** Errors of the operating system and of Node that no reader has named, as ours: limits of a process, permissions, memory. */
import { unreadable } from "../adapters/node/open-file.ts";
import { FunAsrError, memoryFault } from "../errors.ts";

/** The error itself where it is one of ours, or a fault of the program. */
export function named(error: unknown): unknown {
  if (error instanceof FunAsrError || !(error instanceof Error)) return error;
  const { code, path, syscall, resource } = error as NodeJS.ErrnoException & { resource?: string };
  if (code === "ERR_ACCESS_DENIED" || (syscall !== undefined && code !== undefined))
    return unreadable(path ?? resource ?? syscall ?? "a file", error);
  return memoryFault("memory", error) ?? error;
}
