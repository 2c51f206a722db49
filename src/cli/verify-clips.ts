/** The recordings with known texts that `verify` lets a model transcribe. */
import { readdir, readFile } from "node:fs/promises";
import { basename, extname, join } from "node:path";
import { readText } from "../adapters/node/text-file.ts";
import { FileError, FunAsrError } from "../errors.ts";
import { fetchEntryFile } from "../pull/fetch-entry-file.ts";
import { findEntry, registry } from "../registry/index.ts";
import type { Clip } from "../verify/clips.ts";
import { isAudioName } from "./find-files.ts";
import { bundled } from "./chosen-model.ts";

/** Seconds; longer ones would be cut into windows. */
const longest = 30;

interface ClipSearch {
  /** As it was named. */
  readonly model: string | undefined;
  readonly folder: string | undefined;
  readonly signal: AbortSignal;
  /** Says why a recording is left out. */
  readonly note: (text: string) => void;
}

/**
 * The clips of `folder`; else those that were published with the model, in its folder `example` or at the places that the
 * registry has, from where they are downloaded; else the bundled ones.
 */
export async function findClips({ model, folder, signal, note }: ClipSearch): Promise<readonly Clip[]> {
  if (folder !== undefined) {
    const clips = await clipsIn(folder);
    if (clips.length > 0) return clips;
    throw new FileError("file_not_found", folder, "there is no recording in this folder", {
      wanted: "audio files, with their texts in .txt files of the same names",
    });
  }
  if (model === undefined) return bundledClips();
  const beside = await clipsIn(join(model, "example")).catch(() => []);
  if (beside.length > 0) return beside;
  const published = await samplesOf(model, signal, note);
  return published.length > 0 ? published : bundledClips();
}

async function samplesOf(
  model: string,
  signal: AbortSignal,
  note: ClipSearch["note"],
): Promise<readonly Clip[]> {
  const { samples = [] } = findEntry(model.replace(/:[^:/]*$/u, "")) ?? {};
  const clips: Clip[] = [];
  for (const { file, text } of samples) {
    try {
      clips.push({ name: file.name, audio: await fetchEntryFile(file, signal), texts: [text] });
    } catch (error) {
      if (!(error instanceof FunAsrError)) throw error;
      note(`without ${file.name}: ${error.message}`);
    }
  }
  return clips;
}

/** Each recording with the text of the file beside it, or the text that the registry has for its name. */
async function clipsIn(folder: string): Promise<readonly Clip[]> {
  const names = await readdir(folder).catch((cause: unknown) => {
    throw new FileError("file_unreadable", folder, "the folder cannot be read", { cause });
  });
  const known = new Map(
    registry.flatMap(({ samples }) => samples.map(({ file, text }) => [file.name, text])),
  );
  const clips: string[] = [];
  for (const name of names.toSorted()) {
    if (!name.startsWith("._") && (await isAudioName(join(folder, name)))) clips.push(name);
  }
  return Promise.all(
    clips.map(async (name): Promise<Clip> => {
      const beside = join(folder, `${basename(name, extname(name))}.txt`);
      const text = await readText(beside).catch((error: unknown) => {
        if (error instanceof FunAsrError && error.code === "file_not_found") return known.get(name);
        throw error;
      });
      return { name, audio: join(folder, name), texts: text === undefined ? [] : [text.trim()] };
    }),
  );
}

interface BundledClip {
  readonly file: string;
  readonly seconds: number;
  readonly spoken: string;
  readonly written: string;
  readonly hotwords: readonly string[];
}

async function bundledClips(): Promise<readonly Clip[]> {
  const list = bundled("fixtures/audio/demo/clips.json");
  if (list === undefined) return [];
  const clips = JSON.parse(await readFile(list, "utf8")) as readonly BundledClip[];
  return clips
    .filter(({ seconds }) => seconds <= longest)
    .map(({ file, spoken, written, hotwords }) => ({
      name: file,
      audio: join(list, "..", file),
      texts: [written, spoken],
      hotwords,
    }));
}
