/**
 * The check of all outputs before the work: each can be written, and none is a file that is read, under whatever name or
 * link. Files are compared by device and inode.
 */
import { readdir, stat } from "node:fs/promises";
import { basename, dirname, extname, join } from "node:path";
import { UsageError } from "../../../errors.ts";
import { pathOf } from "../open-file.ts";
import { findPlace } from "./place.ts";

/** What the work reads; what is not there, or undefined, is left out. */
export interface Inputs {
  /** Files, and folders whose files are read. */
  readonly files?: readonly (string | undefined)[];
  /** Model files and folders: what is beside a checkpoint belongs to it. */
  readonly models?: readonly (string | undefined)[];
}

interface GuardOptions {
  /** What the caller can do where an output is an input. */
  readonly wanted?: string;
  readonly remedy?: string;
  /** Ends the check with its reason. */
  readonly signal?: AbortSignal | undefined;
}

/** A folder with more entries than this is not looked through. */
const maxEntries = 10_000;

/** Throws `file_unwritable`, and `bad_option` for an output that is an input. */
export async function guardOutputs(
  outputs: readonly string[],
  inputs: Inputs,
  options: GuardOptions = {},
): Promise<void> {
  await refuseInputs(outputs, inputs, options);
  for (const path of outputs) {
    options.signal?.throwIfAborted();
    await findPlace(path);
  }
}

/** Throws `bad_option` for an output that is an input. */
export async function refuseInputs(
  outputs: readonly string[],
  inputs: Inputs,
  { wanted = "another name", remedy, signal }: GuardOptions = {},
): Promise<void> {
  const read = new Set<string | undefined>();
  for (const path of await pathsOf(inputs, signal)) {
    signal?.throwIfAborted();
    read.add(await identityOf(path));
  }
  for (const path of outputs) {
    signal?.throwIfAborted();
    const identity = await identityOf(path);
    if (identity === undefined || !read.has(identity)) continue;
    const details = remedy === undefined ? { wanted } : { wanted, remedy };
    throw new UsageError("bad_option", path, "would be written over what is read", details);
  }
}

async function pathsOf(
  { files = [], models = [] }: Inputs,
  signal: AbortSignal | undefined,
): Promise<string[]> {
  const given = (paths: typeof files): string[] =>
    paths.filter((path) => path !== undefined).map((path) => pathOf(path));
  const read: (readonly string[])[] = [];
  for (const path of given(files)) {
    signal?.throwIfAborted();
    read.push([path], await entriesOf(path));
  }
  for (const path of given(models)) read.push(await modelFiles(path));
  return read.flat();
}

/** Endings of what is written, which no checkpoint has beside it; a GGUF file there was converted from the checkpoint. */
const ours = /\.(?:gguf|srt|vtt|lrc|tsv|csv|textgrid|ctm|rttm|html)$/iu;
/** Texts and JSON files that belong to a checkpoint; others are results. */
const companion =
  /^(?:added|chn|config|generation|merges|preprocessor|seg_dict|special|token|vocab)|^[^.]*$/iu;

/** The files of a model: the file itself, the other parts of a split one, and what is beside a checkpoint of another kind. */
async function modelFiles(path: string): Promise<string[]> {
  if (extname(path).toLowerCase() !== ".gguf") {
    const inside = await entriesOf(path);
    const beside = inside.length > 0 ? inside : await entriesOf(dirname(path));
    return [path, ...beside.filter((name) => !isResult(basename(name)))];
  }
  const stem = /^(.*)-\d{5}-of-\d{5}\.gguf$/iu.exec(basename(path))?.[1];
  if (stem === undefined) return [path];
  const parts = await entriesOf(dirname(path));
  return [path, ...parts.filter((name) => basename(name).startsWith(`${stem}-`))];
}

const isResult = (name: string): boolean =>
  ours.test(name) || (/\.(?:json|txt)$/iu.test(name) && !companion.test(name));

/** The files of a folder; none where there is no folder. */
async function entriesOf(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const nested = entries.slice(0, maxEntries).map(async (entry) => {
    const path = join(folder, entry.name);
    if (!entry.isDirectory()) return [path];
    const inner = await readdir(path).catch(() => []);
    return inner.slice(0, maxEntries).map((name) => join(path, name));
  });
  return (await Promise.all(nested)).flat();
}

/** The device and the inode of a regular file. */
async function identityOf(path: string): Promise<string | undefined> {
  const there = await stat(path, { bigint: true }).catch(() => undefined);
  return there?.isFile() === true ? `${there.dev} ${there.ino}` : undefined;
}
