/**
 * A stage archive: named float32 activations in the order in which they were computed, and a little text about their
 * origin. Readers read a stage when it is asked for, writers write one when they get it, so that neither holds more
 * than one stage in memory.
 */
import { FunAsrError, ModelFormatError } from "../../errors.ts";
import type { StageValues } from "../compare.ts";
import { suggestion } from "../../options/nearest.ts";

/**
 * `npy` is a folder of NumPy files; `gguf` and `crispasr` are the archive of CrispASR's diff tool, with our names or
 * with its own.
 */
export const archiveFormats = ["safetensors", "npz", "npy", "gguf", "crispasr"] as const;
export type ArchiveFormat = (typeof archiveFormats)[number];

export type ArchiveMetadata = ReadonlyMap<string, string>;

/** An open archive. */
export interface StageReader extends AsyncDisposable {
  /** Its name in messages. */
  readonly source: string;
  readonly format: ArchiveFormat;
  readonly metadata: ArchiveMetadata;
  /** Shapes by name, in the order of the archive; the last dimension varies fastest. */
  readonly stages: ReadonlyMap<string, readonly number[]>;
  /** Throws `archive_malformed` for a name that is not there. */
  read(name: string, signal?: AbortSignal): Promise<StageValues>;
}

/** An archive that is being written; there is nothing at its path before `finish`. */
export interface StageWriter extends AsyncDisposable {
  /**
   * Writes a stage. Calls may overlap: stages are written in the order of the calls, and the values must not change
   * until the promise settles. Throws `archive_limit` for a stage that the format cannot hold.
   */
  add(name: string, shape: readonly number[], values: Float32Array): Promise<void>;
  /** Completes the archive and moves it to its path. */
  finish(metadata?: ArchiveMetadata): Promise<void>;
  /** Removes everything written; leaving the scope without `finish` does the same. */
  abort(): Promise<void>;
}

/** The writer of a format. It gets valid stages, one at a time, each name once. */
export interface Sink {
  add(name: string, shape: readonly number[], values: Float32Array): Promise<void>;
  finish(metadata: ArchiveMetadata): Promise<void>;
  abort(): Promise<void>;
}

export function malformed(where: string, found: string, wanted?: string, cause?: unknown): ModelFormatError {
  const details = wanted === undefined ? { cause } : { wanted, cause };
  return new ModelFormatError("archive_malformed", where, found, details);
}

export const tooMuch = (where: string, found: string, wanted: string): FunAsrError =>
  new FunAsrError("archive_limit", where, found, { wanted });

/** The entry of a stage. Throws `archive_malformed` where there is none. */
export function stageIn<Stage>(stages: ReadonlyMap<string, Stage>, source: string, name: string): Stage {
  const stage = stages.get(name);
  if (stage !== undefined) return stage;
  throw new ModelFormatError("archive_malformed", source, `there is no stage ${JSON.stringify(name)}`, {
    ...suggestion(name, [...stages.keys()]),
  });
}

export const elementsOf = (shape: readonly number[]): number =>
  shape.reduce((count, size) => count * size, 1);

export const bytesOf = ({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);
