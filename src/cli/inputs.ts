/** The inputs of `transcribe`: files, folders, patterns and standard input, each as audio with a name. */
import { statSync } from "node:fs";
import type { Stats } from "node:fs";
import { join } from "node:path";
import { unreadable } from "../adapters/node/open-file.ts";
import { openPieces } from "../adapters/node/open-pieces.ts";
import type { AudioInput } from "../audio/container.ts";
import { pcm16 } from "../audio/raw.ts";
import { UsageError } from "../errors.ts";
import { matchPaths } from "../text/wildcards.ts";
import { filesBelow, isAudioName } from "./find-files.ts";
import type { Found } from "./find-files.ts";

export interface Input {
  /** The path as given or found; `stdin` for `-`. */
  readonly name: string;
  open(): Promise<AudioInput>;
}

interface InputOptions {
  readonly stdin: AsyncIterable<Uint8Array>;
  /** Sample rate in Hz, if the files are raw 16-bit samples. */
  readonly pcm?: number | undefined;
}

/** Throws `bad_option` for folders and patterns without files, and for a second `-`. */
export function findInputs(given: readonly string[], { stdin, pcm }: InputOptions): Input[] {
  if (given.filter((word) => word === "-").length > 1) {
    throw new UsageError("bad_option", "-", "given twice", { wanted: "standard input once" });
  }
  const raw = (bytes: AsyncIterable<Uint8Array>): AudioInput =>
    pcm === undefined ? bytes : { samples: pcm16(bytes), sampleRate: pcm };
  return given.flatMap((word): Input[] => {
    if (word === "-") return [{ name: "stdin", open: async () => raw(stdin) }];
    const open = async (path: string): Promise<AudioInput> => {
      if (pcm === undefined) return path;
      return raw(await openPieces(path));
    };
    return filesOf(word).map(({ path, error }) => ({
      name: path,
      async open() {
        if (error !== undefined) throw unreadable(path, error);
        return await open(path);
      },
    }));
  });
}

/**
 * The files that a path or pattern stands for. A missing file and a folder that cannot be read are kept: opening them
 * gives the error, and the other files are transcribed.
 */
function filesOf(word: string): Found[] {
  const status = statusOf(word);
  if (status !== undefined) return status.isDirectory() ? inFolder(word) : [{ path: word }];
  if (!/[*?]/u.test(word)) return [{ path: word }];
  const { folder, matches, deep } = splitPattern(word);
  const found = filesBelow(folder).filter(({ path, error }) => (error === undefined ? matches(path) : deep));
  if (found.length > 0) return found;
  throw new UsageError("bad_option", word, "no file matches", { wanted: "a pattern that matches some" });
}

/** Undefined where there is nothing, or nothing that may be looked at: opening it reports why. */
function statusOf(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch {
    return undefined;
  }
}

function inFolder(folder: string): Found[] {
  const files = filesBelow(folder).filter(({ path, error }) => error !== undefined || isAudioName(path));
  if (files.length > 0) return files;
  throw new UsageError("bad_option", folder, "no audio files in this folder", {
    wanted: "a folder with audio files",
    remedy: "Folders are searched by file extension; name other files one by one",
  });
}

/** No path of an operating system is longer. */
const MOST_CHARACTERS = 32_767;

/**
 * The folder before the first wildcard, and a test of the paths below it. `**` crosses folders; `deep` says whether folders
 * below that one can match.
 */
function splitPattern(word: string): { folder: string; matches: (path: string) => boolean; deep: boolean } {
  if (word.length > MOST_CHARACTERS) {
    throw new UsageError("bad_option", word.slice(0, 80), `a pattern of ${word.length} characters`, {
      wanted: `at most ${MOST_CHARACTERS}`,
    });
  }
  const parts = word.split("/");
  const wild = parts.findIndex((part) => /[*?]/u.test(part));
  const folder = parts.slice(0, wild).join("/");
  return {
    folder: folder === "" ? (word.startsWith("/") ? "/" : ".") : folder,
    matches: matchPaths(join(word)),
    deep: wild < parts.length - 1,
  };
}
