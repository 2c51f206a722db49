/** The inputs of `transcribe`: files, folders, patterns and standard input, each as audio with a name. */
import { stat } from "node:fs/promises";
import { isAbsolute, join, sep } from "node:path";
import { unreadable } from "../adapters/node/open-file.ts";
import { openPieces } from "../adapters/node/open-pieces.ts";
import type { AudioInput } from "../audio/container.ts";
import { pcm16 } from "../audio/raw.ts";
import { UsageError } from "../errors.ts";
import { orAborted } from "../platform/interruptible.ts";
import { matchPaths } from "../text/wildcards.ts";
import { filesBelow, isAudioName } from "./find-files.ts";
import type { Found, Search } from "./find-files.ts";

export interface Input {
  /** The path as given or found; `stdin` for `-`. */
  readonly name: string;
  open(): Promise<AudioInput>;
}

interface InputOptions {
  readonly stdin: AsyncIterable<Uint8Array>;
  /** Sample rate in Hz, if the files are raw 16-bit samples. */
  readonly pcm?: number | undefined;
  /** Ends the search for files with its reason. */
  readonly signal?: AbortSignal | undefined;
}

/** Throws `bad_option` for folders and patterns without files, and for a second `-`. */
export async function findInputs(
  given: readonly string[],
  { stdin, pcm, signal }: InputOptions,
): Promise<Input[]> {
  if (given.filter((word) => word === "-").length > 1) {
    throw new UsageError("bad_option", "-", "given twice", { wanted: "standard input once" });
  }
  const raw = (bytes: AsyncIterable<Uint8Array>): AudioInput =>
    pcm === undefined ? bytes : { samples: pcm16(bytes), sampleRate: pcm };
  const open = async (path: string): Promise<AudioInput> =>
    pcm === undefined ? path : raw(await openPieces(path));
  const inputs: Input[] = [];
  for (const word of given) {
    if (word === "-") {
      inputs.push({ name: "stdin", open: async () => raw(stdin) });
      continue;
    }
    for (const { path, error } of await filesOf(word, signal)) {
      inputs.push({
        name: path,
        async open() {
          if (error !== undefined) throw unreadable(path, error);
          return await open(path);
        },
      });
    }
  }
  return inputs;
}

/**
 * The files that a path or pattern stands for. A missing file and a folder that cannot be read are kept: opening them
 * gives the error, and the other files are transcribed.
 */
async function filesOf(word: string, signal: AbortSignal | undefined): Promise<readonly Found[]> {
  // undefined where there is nothing, or nothing that may be looked at: opening it reports why
  const status = await orAborted(
    stat(word).catch(() => undefined),
    signal,
  );
  if (status?.isDirectory() === true) return await inFolder(word, signal);
  const pattern = status === undefined ? splitPattern(word) : undefined;
  if (pattern === undefined) return [{ path: word }];
  const found = await filesBelow(pattern.folder, { ...pattern, signal });
  if (found.length > 0) return found;
  throw new UsageError("bad_option", word, "no file matches", { wanted: "a pattern that matches some" });
}

async function inFolder(folder: string, signal: AbortSignal | undefined): Promise<readonly Found[]> {
  const files = await filesBelow(folder, { wants: isAudioName, enters: () => true, signal });
  if (files.length > 0) return files;
  throw new UsageError("bad_option", folder, "no audio files in this folder", {
    wanted: "a folder with audio files",
    remedy: "Folders are searched by file extension; name other files one by one",
  });
}

/** No path of an operating system is longer. */
const MOST_CHARACTERS = 32_767;

interface Pattern extends Pick<Search, "wants" | "enters"> {
  /** The folder before the first wildcard. */
  readonly folder: string;
}

/** Undefined for a path without wildcards. `**` crosses folders; of the others, only those that can match are entered. */
function splitPattern(word: string): Pattern | undefined {
  if (!/[*?]/u.test(word)) return undefined;
  if (word.length > MOST_CHARACTERS) {
    throw new UsageError("bad_option", word.slice(0, 80), `a pattern of ${word.length} characters`, {
      wanted: `at most ${MOST_CHARACTERS}`,
    });
  }
  const parts = join(word).split(sep);
  const first = parts.findIndex((part) => /[*?]/u.test(part));
  const wild = first < 0 ? parts.length - 1 : first; // `*/../a.wav` is a.wav
  const folders = parts.slice(wild, -1);
  const crossing = folders.findIndex((part) => part.endsWith("**"));
  const matchFolder = folders.map((part) => matchPaths(part));
  const matches = matchPaths(parts.join("/"));
  return {
    folder: parts.slice(0, wild).join(sep) || (isAbsolute(word) ? sep : "."),
    wants: (path) => matches(path.replaceAll(sep, "/")),
    enters: (name, level) => (crossing >= 0 && level >= crossing) || matchFolder[level]?.(name) === true,
  };
}
