/**
 * Where an output goes: what is at its path, and whether it can be written there. A regular file is replaced, at the end of
 * its symbolic links and with its mode; a device or a pipe is written to; anything else is refused.
 */
import { access, constants, lstat, readlink, realpath, stat } from "node:fs/promises";
import { fstatSync } from "node:fs";
import type { Stats } from "node:fs";
import { dirname, resolve } from "node:path";
import { unwritable } from "./unwritable.ts";

/** The path that stands for standard output, on every system. */
export const standardOutput = "/dev/stdout";

/** The mode and the owner of a file that is replaced. */
type Kept = Pick<Stats, "mode" | "uid" | "gid">;

export type Place =
  | { readonly kind: "file"; readonly path: string; readonly kept: Kept | undefined }
  | { readonly kind: "device" | "pipe" | "stdout"; readonly path: string };

const maxLinks = 40;

/** Checks that an output can be written at `path`, to be called before long work. Throws `file_unwritable`. */
export async function findPlace(path: string): Promise<Place> {
  if (path === standardOutput) return { kind: "stdout", path };
  try {
    const there = await statusOf(path);
    if (there !== undefined && isStandardOutput(there)) return { kind: "stdout", path };
    if (there?.isCharacterDevice() === true || there?.isFIFO() === true) {
      await access(path, constants.W_OK);
      return { kind: there.isFIFO() ? "pipe" : "device", path };
    }
    if (there?.isDirectory() === true) throw withCode("EISDIR");
    if (there?.isFile() === false) throw withCode("a socket or a disk has this name");
    const target = there === undefined ? await endOfLinks(path) : await realpath(path);
    await checkFolder(dirname(target));
    if (there !== undefined && (there.mode & 0o222) === 0) throw withCode("the file there is read-only");
    if (there !== undefined) await access(target, constants.W_OK);
    return { kind: "file", path: target, kept: there };
  } catch (cause) {
    throw unwritable(path, cause);
  }
}

/** Checks that files can be made in a folder. */
export async function checkFolder(folder: string): Promise<void> {
  if (!(await stat(folder)).isDirectory()) throw withCode("ENOTDIR");
  await access(folder, constants.W_OK | constants.X_OK);
}

/** What is at the end of the links of `path`; undefined where there is nothing. */
async function statusOf(path: string): Promise<Stats | undefined> {
  try {
    return await stat(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** Where a file would be created: a link to a file that is not there yet is followed, too. */
async function endOfLinks(path: string): Promise<string> {
  let place = resolve(path);
  for (let links = 0; links < maxLinks; links++) {
    const there = await lstat(place).catch(() => undefined);
    if (there?.isSymbolicLink() !== true) return place;
    place = resolve(dirname(place), await readlink(place));
  }
  throw withCode("ELOOP");
}

/** Whether a file is the one that standard output was redirected to, such as /proc/self/fd/1. */
function isStandardOutput(there: Stats): boolean {
  try {
    const { dev, ino } = fstatSync(1);
    return there.isFile() && there.dev === dev && there.ino === ino;
  } catch {
    return false;
  }
}

const withCode = (code: string): Error => Object.assign(new Error(code), { code });
