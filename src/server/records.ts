/** The folder in which a server keeps each recording and its result. */
import { randomBytes } from "node:crypto";
import { copyFile, constants, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { temporaryIn } from "../adapters/node/output/temporary.ts";
import { unwritable } from "../adapters/node/output/unwritable.ts";
import { sniff } from "../audio/sniff.ts";
import type { NativeFormat } from "../audio/sniff.ts";
import type { Transcription } from "../longform/result.ts";
import { platform } from "../platform/current.ts";
import { toJson } from "../text/outputs/json.ts";
import type { ModelInfo } from "../transcriber/types.ts";
import { faultOf } from "./errors.ts";

/** What a recognition ended with. */
export type Outcome =
  | { readonly model: ModelInfo; readonly transcription: Transcription }
  | { readonly error: unknown };

const extensions: Readonly<Record<NativeFormat, string>> = {
  wav: "wav",
  flac: "flac",
  mp3: "mp3",
  vorbis: "ogg",
  opus: "opus",
  mp4: "m4a",
  matroska: "webm",
};

/**
 * Keeps the bytes of a recording as they came, and beside them its result: JSON as `transcribe -oj` writes it, or the error.
 * Their name is of the time alone: nothing in it is the client's. Both are there, or none. Throws `file_unwritable`.
 */
export async function keepRecord(folder: string, audio: string, outcome: Outcome): Promise<void> {
  const time = new Date().toISOString().replaceAll(/[:.]/gu, "-");
  const base = `${time}-${randomBytes(4).toString("hex")}`;
  const file = `${base}.${await extensionOf(audio)}`;
  await put(join(folder, file), (path) => copyFile(audio, path, constants.COPYFILE_EXCL));
  try {
    const json = documentOf(file, outcome);
    await put(join(folder, `${base}.json`), (path) => writeFile(path, json, { flag: "wx", mode: 0o600 }));
  } catch (error) {
    await rm(join(folder, file), { force: true }).catch(() => {});
    throw error;
  }
}

/** Writes a file that gets its name when it is complete. */
async function put(path: string, write: (path: string) => Promise<void>): Promise<void> {
  const temporary = await temporaryIn(dirname(path));
  try {
    await write(temporary.path);
    await rename(temporary.path, path);
    temporary.release();
  } catch (cause) {
    await temporary.remove().catch(() => {});
    throw unwritable(path, cause);
  }
}

async function extensionOf(audio: string): Promise<string> {
  try {
    await using source = await platform().openFile(audio);
    const native = (await sniff(source))?.native;
    if (native !== undefined) return extensions[native];
  } catch {
    // no audio
  }
  return "audio";
}

function documentOf(file: string, outcome: Outcome): string {
  if ("error" in outcome) {
    const { code, message } = faultOf(outcome.error);
    return `${JSON.stringify({ file, error: { code, message } }, null, 2)}\n`;
  }
  const { model, transcription } = outcome;
  return toJson({ file, model, ...transcription, duration: transcription.duration ?? 0 });
}
