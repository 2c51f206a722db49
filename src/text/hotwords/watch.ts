/**
 * A small text file that is read again when it changes. It is looked at every second, and taken once it has stayed
 * the same for a second: editors write in several steps, or put a new file in the old one's place.
 */
import { readFile, stat } from "node:fs/promises";
import { FunAsrError } from "../../errors.ts";

export interface WatchOptions {
  /** Milliseconds between two looks; 1000 by default. */
  readonly interval?: number | undefined;
  /** Hears that a new version was taken. */
  readonly onReload?: (() => void) | undefined;
  /** Hears why a new version was not taken: the file is gone, or no text. The last good one stays. */
  readonly onError?: ((error: FunAsrError) => void) | undefined;
}

const mostBytes = 2 ** 26;

/** Reads the file, and watches it until the result is disposed of. A watch alone does not keep a process alive. */
export async function watchFile(
  path: string,
  take: (text: string) => void,
  { interval = 1000, onReload, onError }: WatchOptions = {},
): Promise<Disposable> {
  let taken = await versionOf(path);
  let last = taken;
  take(await readText(path));

  let looking = false;
  const look = async (): Promise<void> => {
    if (looking) return;
    looking = true;
    const version = await versionOf(path);
    const settled = version === last && version !== taken;
    last = version;
    if (settled) {
      taken = version;
      try {
        take(await readText(path));
        onReload?.();
      } catch (error) {
        onError?.(error as FunAsrError);
      }
    }
    looking = false;
  };
  const timer = setInterval(() => void look(), interval);
  timer.unref();
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

/** Changes whenever the file does. */
async function versionOf(path: string): Promise<string> {
  const status = await stat(path).catch(() => undefined);
  return status === undefined ? "" : `${status.ino} ${status.size} ${status.mtimeMs}`;
}

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
