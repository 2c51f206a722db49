/**
 * Reads a small text file again when it changes. The file is checked every second, and read once it has stayed the same
 * for a second: editors write in several steps, or put a new file in the old one's place.
 */
import { stat } from "node:fs/promises";
import type { FunAsrError } from "../../errors.ts";
import type { WatchOptions } from "../../platform/platform.ts";
import { readText } from "./text-file.ts";

/** Reads the file, and watches it until the result is disposed of. A watch does not keep the process alive. */
export async function watchText(
  path: string,
  take: (text: string) => void,
  { interval = 1000, onReload, onError }: WatchOptions = {},
): Promise<Disposable> {
  let taken = await versionOf(path);
  let last = taken;
  take(await readText(path));

  let checking = false;
  const check = async (): Promise<void> => {
    if (checking) return;
    checking = true;
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
    checking = false;
  };
  const timer = setInterval(() => void check(), interval);
  timer.unref();
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

/** Differs between two versions of the file; empty where there is none. */
async function versionOf(path: string): Promise<string> {
  const status = await stat(path).catch(() => undefined);
  return status === undefined ? "" : `${status.ino} ${status.size} ${status.mtimeMs}`;
}
