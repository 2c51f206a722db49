/** Creates a stage archive: checks each stage, one after the other, and passes it to the writer of the format. */
import { RuntimeError, UsageError } from "../../errors.ts";
import { archiveFormats, elementsOf, tooMuch } from "./archive.ts";
import type { ArchiveFormat, ArchiveMetadata, Sink, StageWriter } from "./archive.ts";
import { folderSink } from "./folder.ts";
import { ggufSink } from "./gguf.ts";
import { npzSink } from "./npz.ts";
import { safetensorsSink } from "./safetensors.ts";
import { checkNames, checkValues } from "../../options/check.ts";
import type { NamesOf } from "../../options/check.ts";

export interface CreateOptions {
  /** By default from the path's ending: .safetensors, .npz, .gguf, or none for a folder of .npy files. */
  readonly format?: ArchiveFormat | undefined;
}

const optionNames: NamesOf<CreateOptions> = { format: true };

const sinks: Readonly<Record<ArchiveFormat, (path: string) => Promise<Sink>>> = {
  safetensors: safetensorsSink,
  npz: npzSink,
  npy: folderSink,
  gguf: (path) => ggufSink(path, "ours"),
  crispasr: (path) => ggufSink(path, "crispasr"),
};

/** Bounds on names that every format and file system accepts. */
const maxNameBytes = 200;

/** Throws `bad_option` for an unknown ending, `file_unwritable` where the path cannot be written. */
export async function createArchive(path: string, options: CreateOptions = {}): Promise<StageWriter> {
  checkNames(options, optionNames);
  checkValues(options, { format: { value: { kind: "choice", values: archiveFormats }, help: "" } });
  const sink = await sinks[options.format ?? formatByName(path)](path);
  return new Writer(path, sink);
}

function formatByName(path: string): ArchiveFormat {
  const ending = /\.([a-z]+)$/iu.exec(path)?.[1]?.toLowerCase();
  if (ending === undefined) return "npy";
  const format = archiveFormats.find((format) => format === ending);
  if (format !== undefined) return format;
  throw new UsageError("bad_option", path, `the ending .${ending}`, {
    wanted: ".safetensors, .npz, .gguf, or a folder's name without a dot",
  });
}

class Writer implements StageWriter {
  readonly #path: string;
  readonly #sink: Sink;
  readonly #names = new Set<string>();
  /** The latest call: each call waits for the one before. */
  #last: Promise<void> = Promise.resolve();
  #over = false;

  constructor(path: string, sink: Sink) {
    this.#path = path;
    this.#sink = sink;
  }

  add(name: string, shape: readonly number[], values: Float32Array): Promise<void> {
    return this.#next(async () => {
      this.#check(name, shape, values);
      this.#names.add(name);
      await this.#sink.add(name, shape, values);
    });
  }

  finish(metadata: ArchiveMetadata = new Map()): Promise<void> {
    return this.#next(async () => {
      this.#over = true;
      await this.#sink.finish(metadata);
    });
  }

  async abort(): Promise<void> {
    await this.#last.catch(() => undefined);
    if (this.#over) return;
    this.#over = true;
    await this.#sink.abort();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.abort();
  }

  /** Where a step fails, those after it fail, too: an archive has all of its stages or does not exist. */
  #next(step: () => Promise<void>): Promise<void> {
    const due = this.#last.then(async () => {
      if (this.#over) throw new RuntimeError("internal", this.#path, "the archive is complete");
      await step();
    });
    this.#last = due;
    // The caller gets the failure where it awaits the call; it need not.
    due.catch(() => undefined);
    return due;
  }

  #check(name: string, shape: readonly number[], values: Float32Array): void {
    const where = `${this.#path}, stage ${JSON.stringify(name)}`;
    if (this.#names.has(name)) throw new RuntimeError("internal", where, "the name is taken");
    if (elementsOf(shape) !== values.length)
      throw new RuntimeError("internal", where, `${values.length} values for [${shape.join(", ")}]`);
    if (!isName(name) || Buffer.byteLength(name) > maxNameBytes)
      throw tooMuch(where, "a name that not all formats can hold", `1 to ${maxNameBytes} bytes, no / \\ :`);
  }
}

/** A name may become a file name, on any system; `__metadata__` is reserved in safetensors. */
const isName = (name: string): boolean =>
  /^[^./\\:*?"<>|\p{C}][^/\\:*?"<>|\p{C}]*$/u.test(name) && name !== "__metadata__";
