/** The inputs of `transcribe`: files, folders, patterns and standard input, each as audio with a name. */
import { existsSync, readdirSync, statSync } from "node:fs";
import { extname, join } from "node:path";
import type { AudioInput } from "../audio/container.ts";
import { pcm16 } from "../audio/raw.ts";
import { UsageError } from "../errors.ts";

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

/** Extensions of audio files, by which a folder is searched. The contents are checked when a file is opened. */
const AUDIO_EXTENSIONS = new Set(
  (
    "aac ac3 aif aifc aiff amr ape au bw64 caf flac m4a m4b mka mkv mov mp2 mp3 mp4 oga ogg opus rf64 snd spx w64 wav wave " +
    "webm wma wv"
  ).split(" "),
);

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
      const { createReadStream } = await import("node:fs");
      return raw(createReadStream(path));
    };
    return filesOf(word).map((path) => ({ name: path, open: () => open(path) }));
  });
}

/** The files that a path or pattern stands for. A missing file is kept: opening it gives the error. */
function filesOf(word: string): string[] {
  if (existsSync(word)) return statSync(word).isDirectory() ? inFolder(word) : [word];
  if (!/[*?]/u.test(word)) return [word];
  const [folder, pattern] = splitPattern(word);
  const matches = pattern === undefined ? [] : below(folder).filter((path) => pattern.test(path));
  if (matches.length > 0) return matches;
  throw new UsageError("bad_option", word, "no file matches", { wanted: "a pattern that matches some" });
}

function inFolder(folder: string): string[] {
  const files = below(folder).filter((path) => AUDIO_EXTENSIONS.has(extname(path).slice(1).toLowerCase()));
  if (files.length > 0) return files;
  throw new UsageError("bad_option", folder, "no audio files in this folder", {
    wanted: "a folder with audio files",
    remedy: "Folders are searched by file extension; name other files one by one",
  });
}

/** All files below a folder, sorted by path. */
function below(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

/** The folder before the first wildcard, and an expression for the paths below it. `**` crosses folders. */
function splitPattern(word: string): [folder: string, pattern: RegExp | undefined] {
  const parts = word.split("/");
  const wild = parts.findIndex((part) => /[*?]/u.test(part));
  const folder = parts.slice(0, wild).join("/");
  const expression = join(word)
    .replaceAll(/[.+^${}()|[\]\\]/gu, String.raw`\$&`)
    .replaceAll(/\*\*\/|\*|\?/gu, (wildcard) =>
      wildcard === "**/" ? "(?:.*/)?" : wildcard === "*" ? "[^/]*" : "[^/]",
    );
  return [folder === "" ? (word.startsWith("/") ? "/" : ".") : folder, new RegExp(`^${expression}$`, "u")];
}
