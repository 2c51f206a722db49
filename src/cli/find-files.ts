/** The files below a folder. Symbolic links are followed; a folder that is reached twice, as by a loop, is searched once. */
import { closeSync, openSync, readSync, readdirSync, realpathSync, statSync } from "node:fs";
import { extname, join } from "node:path";

/** A path with the reason why it could not be searched, if it is a folder that cannot be read. */
export interface Found {
  readonly path: string;
  readonly error?: unknown;
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
export function isAudioName(path: string): boolean {
  const extension = extname(path).slice(1).toLowerCase();
  return AUDIO_EXTENSIONS.has(extension) && (!SHARED_EXTENSIONS.has(extension) || isTransportStream(path));
}

/** All files below `folder`, sorted by path, and the folders that cannot be read. None where `folder` is no folder. */
export function filesBelow(folder: string): Found[] {
  try {
    if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) return [];
  } catch (error) {
    return [{ path: folder, error }]; // a loop of links, a file in the place of a folder
  }
  const found: Found[] = [];
  const searched = new Set<string>();
  const waiting = [folder];
  for (let place = waiting.pop(); place !== undefined; place = waiting.pop()) {
    try {
      const real = realpathSync(place);
      if (searched.has(real)) continue;
      searched.add(real);
      for (const entry of readdirSync(place, { withFileTypes: true })) {
        if (entry.name.startsWith("._")) continue; // AppleDouble: what macOS stores beside the file of that name
        const path = join(place, entry.name);
        const kind = entry.isSymbolicLink() ? target(path) : entry;
        if (kind === undefined || kind.isFile()) found.push({ path });
        else if (kind.isDirectory()) waiting.push(path);
      }
    } catch (error) {
      found.push({ path: place, error });
    }
  }
  return found.sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** What a link leads to; undefined where that is nothing, which opening the file will report. */
function target(path: string): { isFile(): boolean; isDirectory(): boolean } | undefined {
  try {
    return statSync(path);
  } catch {
    return undefined;
  }
}

/** Whether two packets of an MPEG transport stream start the file: of 188 bytes, or of 192 with a time in front. */
function isTransportStream(path: string): boolean {
  const head = new Uint8Array(197);
  try {
    const file = openSync(path, "r");
    try {
      readSync(file, head, 0, head.length, 0);
    } finally {
      closeSync(file);
    }
  } catch {
    return true; // opening it will report why it cannot be read
  }
  return (head[0] === 0x47 && head[188] === 0x47) || (head[4] === 0x47 && head[196] === 0x47);
}
