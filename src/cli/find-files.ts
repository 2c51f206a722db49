/**
 * The files below a folder. Symbolic links are followed; a folder that is reached twice, as by a loop, is searched once. A
 * large tree takes seconds: other work of the thread has its turns meanwhile, and an abort ends the search.
 */
import { open, opendir, realpath, stat } from "node:fs/promises";
import { extname, join } from "node:path";
import { readFlags } from "../adapters/node/open-file.ts";
import { orAborted } from "../platform/interruptible.ts";
import { offerTurn } from "../platform/turns.ts";
import { sortedInTurns } from "./sort.ts";

/** A path with the reason why it could not be searched, if it is a folder that cannot be read. */
export interface Found {
  readonly path: string;
  readonly error?: unknown;
}

export interface Search {
  /** Whether a file is wanted, by its path. */
  wants(path: string): boolean | Promise<boolean>;
  /** Whether a folder is searched, by its name and by how many folders are between it and the first one. */
  enters(name: string, level: number): boolean;
  readonly signal: AbortSignal | undefined;
}

/**
 * Extensions of audio files, and of videos with audio, by which a folder is searched. The contents are checked when a
 * file is opened.
 */
const AUDIO_EXTENSIONS = new Set(
  (
    "3g2 3ga 3gp aac ac3 adts aif aifc aiff amr ape asf au avi awb bw64 bwf caf dts eac3 ec3 f4v flac flv m2t m2ts m4a " +
    "m4b m4r m4v mka mkv mov mp1 mp2 mp3 mp4 mpa mpeg mpg mts nist oga ogg ogv ogx opus qt rf64 snd sph spx tod ts tta " +
    "vob voc w64 wav wave weba webm wma wmv wv"
  ).split(" "),
);

/** Extensions that source code has, too. */
const SHARED_EXTENSIONS = new Set(["ts", "mts"]);

/** Whether a folder's file is audio, by its extension. */
export async function isAudioName(path: string): Promise<boolean> {
  const extension = extname(path).slice(1).toLowerCase();
  return (
    AUDIO_EXTENSIONS.has(extension) && (!SHARED_EXTENSIONS.has(extension) || (await isTransportStream(path)))
  );
}

interface Folder {
  /** By which it was reached. */
  readonly place: string;
  /** Without links. */
  readonly real: string;
  readonly level: number;
}

/**
 * The wanted files below `folder`, sorted by path, and the folders that cannot be read. None where `folder` is no folder.
 * Throws the signal's reason as soon as it is aborted, also while the file system gives no answer.
 */
export const filesBelow = (folder: string, search: Search): Promise<readonly Found[]> =>
  orAborted(searchBelow(folder, search), search.signal);

async function searchBelow(folder: string, { wants, enters, signal }: Search): Promise<readonly Found[]> {
  let root: string;
  try {
    root = await realpath(folder);
    if (!(await stat(root)).isDirectory()) return [];
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    const isNowhere = ["ENOENT", "ENOTDIR", "ENAMETOOLONG"].includes(code);
    return isNowhere ? [] : [{ path: folder, error }]; // such as a loop of links
  }
  const found: Found[] = [];
  const searched = new Set<string>();
  const waiting: Folder[] = [{ place: folder, real: root, level: 0 }];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { place, real, level } = next;
    if (searched.has(real)) continue;
    searched.add(real);
    const inner: Folder[] = [];
    try {
      for await (const entry of await opendir(place, { bufferSize: 256 })) {
        signal?.throwIfAborted();
        await offerTurn();
        if (entry.name.startsWith("._")) continue; // AppleDouble: what macOS stores beside the file of that name
        const path = join(place, entry.name);
        const isLink = entry.isSymbolicLink();
        const kind = isLink ? await behind(path) : entry;
        if (kind === undefined || kind.isFile()) {
          if (await wants(path)) found.push({ path });
        } else if (kind.isDirectory() && enters(entry.name, level)) {
          const target = isLink ? await realpath(path).catch(() => path) : join(real, entry.name);
          inner.push({ place: path, real: target, level: level + 1 });
        }
      }
    } catch (error) {
      signal?.throwIfAborted();
      found.push({ path: place, error });
    }
    for (const one of await sortedInTurns(inner, ({ place: path }) => path)) waiting.push(one);
  }
  return await sortedInTurns(found, ({ path }) => path);
}

/** What a link leads to; undefined where that is nothing, which opening the file will report. */
async function behind(path: string): Promise<{ isFile(): boolean; isDirectory(): boolean } | undefined> {
  return await stat(path).catch(() => undefined);
}

/** Whether two packets of an MPEG transport stream start the file: of 188 bytes, or of 192 with a time in front. */
async function isTransportStream(path: string): Promise<boolean> {
  const head = new Uint8Array(197);
  try {
    await using file = await open(path, readFlags);
    await file.read(head, 0, head.length, 0);
  } catch {
    return true; // opening it will report why it cannot be read
  }
  return (head[0] === 0x47 && head[188] === 0x47) || (head[4] === 0x47 && head[196] === 0x47);
}
