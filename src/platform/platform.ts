/** What the core needs of its platform, beyond what browsers and Node have in common. */
import type { FunAsrError } from "../errors.ts";
import type { ByteSource } from "./bytes.ts";
import type { Location } from "./file-set.ts";
import type { Hash, HubSettings } from "./hubs.ts";
import type { Store } from "./store.ts";
import type { Malformed, ZipEntry } from "./zip-entry.ts";

export interface Platform {
  /** Opens a regular file by its path or file: address. Throws `file_not_found` or `file_unreadable`. */
  openFile(path: string | URL): Promise<ByteSource>;
  /** The folder at `path`, or the one that holds the file at `path`. */
  locate(path: string): Promise<Location>;
  /** The entries of a zip archive, in the order of its directory; throws the errors that `malformed` creates. */
  zipEntries(source: ByteSource, malformed: Malformed): Promise<ZipEntry[]>;
  /** The text of a small UTF-8 file. Throws as `openFile` does. */
  readText(path: string): Promise<string>;
  /** Passes the text of a file to `take`, now and whenever it changes, until the result is disposed of. */
  watchText(path: string, take: (text: string) => void, options?: WatchOptions): Promise<Disposable>;
  /** Decodes audio of a format that has no decoder here. Absent where no program can be started. */
  readonly decodeForeign?: ForeignDecoder;
  /** Copies a source to a temporary file, which is removed when it is disposed of. Absent where there are no files. */
  readonly spool?: (source: ByteSource) => Promise<ByteSource>;
  /** The store of installed models. */
  openStore(): Promise<Store>;
  /** How the hubs are reached, by the environment. */
  hubSettings(): Promise<HubSettings>;
  /** Whether a host of an address is in a private network. Absent where the platform itself guards such networks. */
  readonly isPrivateHost?: (host: string) => Promise<boolean>;
  /** Bytes of memory that this process can still take. Absent where that is not known. */
  readonly availableMemory?: () => number;
  createHash(algorithm: "sha256" | "sha1"): Hash;
  /** Starts the module at `file` in a new thread. */
  startWorker(file: URL): WorkerThread;
  /** Starts the thread that `loadInWorker` loads a model in. Absent where the entry point has none. */
  readonly startModelThread?: () => WorkerThread;
  /** Lets timers, aborts and other work of this thread run before it continues. */
  yieldNow(): Promise<void>;
}

export interface WatchOptions {
  /** Milliseconds between two checks; 1000 by default. */
  readonly interval?: number | undefined;
  /** Called when a new version was taken. */
  readonly onReload?: (() => void) | undefined;
  /** Called when a new version was not taken: the file is gone, or is not text. The last good version stays. */
  readonly onError?: ((error: FunAsrError) => void) | undefined;
}

/**
 * Decodes `source`. `format` is its name in messages; `program` is the decoder to start, by name or path; it is
 * ended when the signal is aborted. Throws `unsupported_encoding` where there is no such program.
 */
type ForeignDecoder = (
  source: ByteSource,
  format: string,
  program: string,
  signal: AbortSignal | undefined,
) => AsyncGenerator<AudioPiece, AudioEnd>;

/** Decoded audio, a piece at a time. */
export interface AudioPiece {
  /** The samples of each channel, in [-1, 1] but for clipped float files. */
  readonly channels: readonly Float32Array[];
  readonly sampleRate: number;
  /** The number of the file's part, if it has parts. Each part is resampled on its own. */
  readonly part?: number;
}

/** What is known once the last piece is decoded. */
export interface AudioEnd {
  /** Samples are missing that the file promises, or the file does not state how many it has. */
  readonly truncated: boolean;
  readonly warnings: readonly string[];
}

export interface WorkerThread {
  postMessage(message: unknown, transfer?: readonly ArrayBuffer[]): void;
  onMessage(listener: (message: unknown) => void): void;
  /** Called when the thread ends by an error. */
  onError(listener: (cause: unknown) => void): void;
  onExit(listener: () => void): void;
  /** Keeps the process alive while the thread runs, which is so at first. */
  ref(): void;
  unref(): void;
  terminate(): Promise<void>;
}
