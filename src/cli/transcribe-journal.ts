/**
 * What an interrupted run has done, for `--resume`: a file BASE.partial.jsonl beside the outputs of the input that it was
 * at. Its first line states model and options; each further line is a recognized window, written as soon as there is one,
 * so that even a killed process leaves all but its last window.
 */
import { lstat, open, readFile, rm, stat } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { unwritable } from "../adapters/node/output/unwritable.ts";
import { UsageError } from "../errors.ts";
import type { WindowStore } from "../longform/window-store.ts";
import type { Recognition } from "../recognizers/result.ts";

/** What results depend on, as plain data. */
export interface Conditions {
  /** Model and options of the recognition of a window. */
  readonly recognition: Readonly<Record<string, unknown>>;
  /** What the output files depend on in addition. */
  readonly outputs: Readonly<Record<string, unknown>>;
}

interface Head extends Conditions {
  /** The inputs that the run has finished, each with the stamp that it had. */
  readonly finished: Readonly<Record<string, string>>;
}

const mark = '{"interrupted":';

export class Journal implements WindowStore {
  readonly #path: string;
  readonly #head: string;
  readonly #known: ReadonlyMap<string, Recognition>;
  readonly #continues: boolean;
  #file: FileHandle | undefined;
  /** How many windows of the earlier run were taken. */
  taken = 0;
  /** How many windows the file has. */
  kept: number;

  private constructor(path: string, head: Head, earlier: Earlier | undefined) {
    this.#path = path;
    this.#head = JSON.stringify({ interrupted: "fun-asr transcribe", ...head });
    this.#known = earlier?.windows ?? new Map<string, Recognition>();
    this.#continues = earlier !== undefined;
    this.kept = this.#known.size;
  }

  /**
   * At `path`; with `resume`, goes on with the file there, if it has the same conditions of the recognition. Throws
   * `bad_option` for another file there.
   */
  static async open(path: string, head: Head, { resume }: { readonly resume: boolean }): Promise<Journal> {
    const earlier = await read(path);
    if (!resume || earlier === undefined || earlier.head === undefined)
      return new Journal(path, head, undefined);
    return new Journal(path, head, earlier);
  }

  get(key: string): Recognition | undefined {
    const known = this.#known.get(key);
    if (known !== undefined) this.taken++;
    return known;
  }

  /** Throws `file_unwritable`. */
  async set(key: string, recognition: Recognition): Promise<void> {
    await this.begin();
    await this.#write(JSON.stringify({ key, recognition }));
    this.kept++;
  }

  /** Creates the file before there is a window, for what the run has finished. Throws `file_unwritable`. */
  async begin(): Promise<void> {
    if (this.#file !== undefined) return;
    try {
      this.#file = await open(this.#path, this.#continues ? "a" : "w");
    } catch (cause) {
      throw unwritable(this.#path, cause);
    }
    // a line of the earlier run may lack its end
    await this.#write(this.#continues ? "" : this.#head);
  }

  async close(): Promise<void> {
    await this.#file?.close();
    this.#file = undefined;
  }

  async remove(): Promise<void> {
    await this.close();
    await rm(this.#path, { force: true });
  }

  async #write(line: string): Promise<void> {
    await this.#file!.writeFile(`${line}\n`).catch((cause: unknown) => {
      throw unwritable(this.#path, cause);
    });
  }
}

/**
 * What the interrupted runs with the same outputs have finished, by the journals at `paths`. Throws `bad_option` where one of
 * them had another model or other options of the recognition.
 */
export async function finishedBefore(
  paths: Iterable<string>,
  { recognition, outputs }: Conditions,
): Promise<Record<string, string>> {
  const finished: Record<string, string> = {};
  for (const path of paths) {
    const head = (await read(path))?.head;
    if (head === undefined) continue;
    const changed = differences(head.recognition, recognition);
    if (changed.length > 0) {
      throw new UsageError("bad_option", path, `an interrupted run with another ${changed.join(", ")}`, {
        wanted: "the same model and options",
        remedy: "Without --resume, everything is transcribed again",
      });
    }
    if (differences(head.outputs, outputs).length === 0) Object.assign(finished, head.finished);
  }
  return finished;
}

/** Whether there is a journal at `path`. */
export async function hasJournal(path: string): Promise<boolean> {
  return (await read(path)) !== undefined;
}

/** Size and time of a file, by which it is known again; undefined where there is none. */
export async function stampOf(path: string): Promise<string | undefined> {
  const there = await stat(path).catch(() => undefined);
  return there === undefined ? undefined : `${there.size} ${there.mtimeMs}`;
}

interface Earlier {
  /** Undefined where the process was killed while it wrote it. */
  readonly head: Head | undefined;
  readonly windows: ReadonlyMap<string, Recognition>;
}

/** Undefined where there is no file. Throws `bad_option` for a file that is no journal. */
async function read(path: string): Promise<Earlier | undefined> {
  const there = await lstat(path).catch(() => undefined);
  if (there === undefined) return undefined;
  const text = there.isFile() ? await readFile(path, "utf8") : undefined;
  if (text === undefined || !text.startsWith(mark.slice(0, text.length))) {
    throw new UsageError("bad_option", path, "not a file of an interrupted run", {
      remedy: "Rename it, or choose another --output-file or --output-dir",
    });
  }
  const [first = "", ...lines] = text.split("\n");
  const windows = new Map<string, Recognition>();
  for (const line of lines) {
    const window = parsed(line) as { readonly key: string; readonly recognition: Recognition } | undefined;
    if (window !== undefined) windows.set(window.key, window.recognition);
  }
  return { head: parsed(first) as Head | undefined, windows };
}

/** Undefined for a line that was not written to its end. */
function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

/** The names of the values that differ. */
function differences(a: Conditions["outputs"], b: Conditions["outputs"]): string[] {
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].filter(
    (name) => JSON.stringify(a[name]) !== JSON.stringify(b[name]),
  );
}
