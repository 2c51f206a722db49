/**
 * Locks between processes, on any file system. A lock is a folder of numbered files; the highest number has it, unless
 * that file says "free" or its process is gone (a kill -9 leaves it behind). Whoever wants the lock creates the next number, which
 * only one process can, and the highest file is never removed: two processes cannot both believe that theirs is the highest.
 */
import { randomUUID } from "node:crypto";
import { link, mkdir, readdir, readFile, rm, stat, utimes, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { LockOptions } from "../../../platform/store.ts";
import { unwritable } from "../output/unwritable.ts";

const pollMs = 200;
const heartbeatMs = 20_000;
/** A holder on another machine, or whose number another process may have now, counts as gone after this silence. */
const goneMs = 5 * 60_000;

interface Holder {
  readonly host: string;
  readonly pid: number;
  /** When the process began, in seconds: a later process may have the same number. */
  readonly began: number;
}

const self = (): Holder => ({
  host: hostname(),
  pid: process.pid,
  began: Math.round(Date.now() / 1000 - process.uptime()),
});

/** Waits until `folder` can be locked, and locks it. Throws the signal's reason, or `file_unwritable`. */
export async function lockFolder(
  folder: string,
  { signal, onWait }: LockOptions = {},
): Promise<AsyncDisposable> {
  let waited = false;
  for (;;) {
    signal?.throwIfAborted();
    const own = await take(folder).catch((cause: unknown) => {
      throw unwritable(folder, cause);
    });
    if (own !== undefined) return held(own);
    if (!waited) onWait?.();
    waited = true;
    await sleep(pollMs, undefined, signal === undefined ? {} : { signal }).catch(() => {});
  }
}

/** One try. Returns the file that holds the lock. */
async function take(folder: string): Promise<string | undefined> {
  await mkdir(folder, { recursive: true });
  const highest = (await numbers(folder)).at(-1) ?? 0;
  if (highest > 0 && (await isHeld(join(folder, String(highest))))) return undefined;
  const number = highest + 1;
  const path = join(folder, String(number));
  // a link appears with its content; a file that is opened and then written is empty in between
  const draft = join(folder, `.${randomUUID()}`);
  await writeFile(draft, JSON.stringify(self()));
  try {
    await link(draft, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return undefined;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
  const now = await numbers(folder);
  if (now.at(-1) !== number) {
    await rm(path, { force: true });
    return undefined;
  }
  // the file before one's own stays: a slow process may still be about to create it
  for (const old of now) if (old < highest) await rm(join(folder, String(old)), { force: true });
  return path;
}

async function numbers(folder: string): Promise<number[]> {
  const names = await readdir(folder);
  return names
    .filter((name) => /^\d+$/u.test(name))
    .map(Number)
    .toSorted((a, b) => a - b);
}

async function isHeld(path: string): Promise<boolean> {
  const text = await readFile(path, "utf8").catch(() => "free");
  const status = await stat(path).catch(() => undefined);
  if (text === "free" || status === undefined) return false;
  const holder = parseHolder(text);
  if (holder === undefined || Date.now() - status.mtimeMs > goneMs) return false;
  const { host, pid, began } = self();
  if (holder.host !== host) return true;
  if (holder.pid === pid) return Math.abs(holder.began - began) <= 2;
  return isRunning(holder.pid);
}

function parseHolder(text: string): Holder | undefined {
  try {
    const holder = JSON.parse(text) as Partial<Holder> | null;
    return typeof holder?.host === "string" && typeof holder.pid === "number"
      ? (holder as Holder)
      : undefined;
  } catch {
    return undefined;
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

function held(path: string): AsyncDisposable {
  const beat = setInterval(() => {
    const now = new Date();
    utimes(path, now, now).catch(() => {});
  }, heartbeatMs);
  beat.unref();
  return {
    async [Symbol.asyncDispose]() {
      clearInterval(beat);
      await writeFile(path, "free");
    },
  };
}
