/**
 * A small text file that is read again when it changes. It is looked at every second, and taken once it has stayed
 * the same for a second: editors write in several steps, or put a new file in the old one's place.
 */
import { stat } from "node:fs/promises";
import type { FunAsrError } from "../../errors.ts";
import { readText } from "./text-file.ts";

export interface WatchOptions {
  /** Milliseconds between two looks; 1000 by default. */
  readonly interval?: number | undefined;
  /** Hears that a new version was taken. */
  readonly onReload?: (() => void) | undefined;
  /** Hears why a new version was not taken: the file is gone, or no text. The last good one stays. */
  readonly onError?: ((error: FunAsrError) => void) | undefined;
}

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
