/**
 * Temporary files and folders. Their names are short, so that a name of any length can be replaced, and tell which process
 * they belong to: they are removed when that process ends, and those of a process that was killed by the next one that
 * writes into the same folder.
 */
import { createHash, randomBytes } from "node:crypto";
import { readlinkSync, rmSync } from "node:fs";
import { lstat, mkdir, readdir, rm } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join, resolve } from "node:path";

/** What is left in a folder by another machine, or by a process whose number was used again, is removed after a day. */
const staleMs = 24 * 3600 * 1000;

const pattern = /^\.fun-asr\.([0-9a-f]{4})\.(\d{1,10})\.[0-9a-f]{8}\.tmp$/u;

/** Tells machines and containers that share a folder from each other: their processes have the same numbers. */
const machine = createHash("sha256").update(`${hostname()} ${pidNamespace()}`).digest("hex").slice(0, 4);

/** The paths of this thread that are neither renamed nor removed. */
const live = new Set<string>();
let removesAtExit = false;
/** Folders in which this thread has removed what others left. */
const swept = new Set<string>();

export interface Temporary {
  readonly path: string;
  /** Says that the path was renamed: nothing is removed any more. */
  release(): void;
  /** Removes the file, or the folder with all that it holds. */
  remove(): Promise<void>;
}

/** A free path in `folder`, so that renaming stays within a file system. Creates nothing. */
export async function temporaryIn(folder: string): Promise<Temporary> {
  await sweep(folder);
  if (!removesAtExit) process.on("exit", removeTemporaries);
  removesAtExit = true;
  const path = join(folder, `.fun-asr.${machine}.${process.pid}.${randomBytes(4).toString("hex")}.tmp`);
  live.add(path);
  return {
    path,
    release: () => void live.delete(path),
    async remove() {
      await rm(path, { recursive: true, force: true });
      live.delete(path);
    },
  };
}

/** A new folder for files that nobody else needs, below the system's folder for them. It is removed with its scope. */
export async function workFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const { path, remove } = await temporaryIn(tmpdir());
  await mkdir(path, { mode: 0o700 });
  return { path, [Symbol.asyncDispose]: remove };
}

/** Removes all temporary files of this thread at once: for signals, and when the process ends. */
export function removeTemporaries(): void {
  for (const path of live) {
    try {
      rmSync(path, { recursive: true, force: true });
      live.delete(path);
    } catch {
      // Windows refuses while the file is open; it is removed at the end of the work, or by a later process
    }
  }
}

/** Removes what processes that are gone have left in a folder. Where that fails, it is left there. */
async function sweep(folder: string): Promise<void> {
  const place = resolve(folder);
  if (swept.has(place)) return;
  swept.add(place);
  const names = await readdir(place).catch(() => []);
  for (const name of names.filter((name) => pattern.test(name))) {
    const path = join(place, name);
    if (!live.has(path) && (await isStale(path, name))) {
      await rm(path, { recursive: true, force: true }).catch(() => {});
    }
  }
}

async function isStale(path: string, name: string): Promise<boolean> {
  const [, host, pid] = pattern.exec(name)!;
  const status = await lstat(path).catch(() => undefined);
  if (status === undefined) return false;
  if (Date.now() - status.mtimeMs > staleMs) return true;
  if (host !== machine) return false;
  // a file of this number that is older than this process is another one's; younger ones may be those of another thread
  if (Number(pid) === process.pid) return status.mtimeMs < performance.timeOrigin;
  return !isRunning(Number(pid));
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

function pidNamespace(): string {
  try {
    return readlinkSync("/proc/self/ns/pid");
  } catch {
    return "";
  }
}
