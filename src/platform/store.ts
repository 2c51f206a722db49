/**
 * Where models are kept on this machine. Files are kept by their SHA-256, so that a name means verified bytes; a model is
 * a record of which files it needs. In Node the store is a folder; a browser can offer the same on its private file system.
 */
import type { HubPlace } from "./hubs.ts";

/** What a file was when it was verified: while these are the same, its bytes are not hashed again. */
export interface FileStamp {
  readonly size: number;
  /** Time of the last change in milliseconds. */
  readonly changed: number;
  readonly inode: number;
}

/** A file of an installed model. */
export interface InstalledFile {
  /** Path within the model, with "/" between its parts; a model in one GGUF file has one. */
  readonly name: string;
  /** Whether it is an am.mvn file beside the model's file, and not a part of the model. */
  readonly cmvn?: true;
  readonly size: number;
  readonly sha256: string;
  /** Where it is, if it is in the cache of a hub's own client; absent for a file of the store. */
  readonly cachedAt?: string;
  readonly stamp: FileStamp;
}

/** An installed model: what its record in the store says. */
export interface InstalledModel {
  /** As it is named after -m: `fun-asr-nano:q8_0`, or a hub's or web address. */
  readonly name: string;
  /** Where the files came from. */
  readonly source: string;
  readonly files: readonly InstalledFile[];
  /** When it was installed, as ISO 8601. */
  readonly installed: string;
}

/** A file that is not complete yet. It keeps its bytes when the process ends. */
export interface PartialFile extends AsyncDisposable {
  /** For messages, and to read it back. */
  readonly path: string;
  /** Bytes that it has. */
  readonly size: number;
  /** Throws `file_unwritable`. */
  append(bytes: Uint8Array): Promise<void>;
  /** Removes its bytes. */
  restart(): Promise<void>;
  /** Gives the file its name, flushed to the disk first; the caller has verified the bytes. Returns its path. */
  commit(sha256: string): Promise<string>;
}

/** Where a file is to lie in the cache of the hub's own client. */
export interface CachePlace {
  readonly repository: string;
  /** The revision that was asked for, and the commit that it is. */
  readonly revision: string;
  readonly commit: string;
  readonly path: string;
  /** The hub's name for the bytes. */
  readonly etag: string;
}

/** A file of a hub that may lie in the cache of the hub's own client. */
export interface CachedPlace extends HubPlace {
  readonly sha256?: string | undefined;
}

export interface LockOptions {
  readonly signal?: AbortSignal | undefined;
  /** Called once where another process has the lock. */
  readonly onWait?: (() => void) | undefined;
}

export interface Store {
  /** Its place, for messages. */
  readonly name: string;
  /** The path of the complete file with this hash. */
  find(sha256: string): Promise<string | undefined>;
  /** Paths in the caches of the hubs' own clients where this file may be; the bytes decide. Nothing there is changed. */
  cached(place: CachedPlace): Promise<readonly string[]>;
  /** What a file is now; undefined where it is gone. */
  stamp(path: string): Promise<FileStamp | undefined>;
  /** Opens the unfinished file of a name, or begins it. */
  openPartial(key: string): Promise<PartialFile>;
  /** The same in the layout of Hugging Face's own cache, in which its Python library finds the file. */
  openCachePartial(place: CachePlace): Promise<PartialFile>;
  /** Until it is disposed of, no other process gets the same lock. That of a process that is gone is free. */
  lock(key: string, options?: LockOptions): Promise<AsyncDisposable>;
  /** Bytes that can still be written; `Infinity` where that is not known. */
  freeBytes(): Promise<number>;
  /** A path for a file that is being built; it becomes part of the store by `adopt`. */
  scratch(key: string): Promise<string>;
  /** Moves a finished file into the store under its hash. Returns its path. */
  adopt(path: string, sha256: string): Promise<string>;
  /** All records, sorted by name. */
  models(): Promise<readonly InstalledModel[]>;
  model(name: string): Promise<InstalledModel | undefined>;
  /** Writes the record, and makes the files readable under their names: {@link pathsOf}. */
  install(model: InstalledModel): Promise<void>;
  /** What to open: the GGUF files of the model, or the folder of another one; and its am.mvn. */
  pathsOf(model: InstalledModel): Promise<{ readonly paths: readonly string[]; readonly amMvn?: string }>;
  /** Removes the record, and the store's files that no other model needs. Returns the bytes that were freed. */
  remove(name: string): Promise<number>;
  /** Removes an unfinished file. Returns the bytes that were freed. */
  discardPartial(key: string): Promise<number>;
  /** Removes a file whose bytes are no longer those of its hash. */
  drop(sha256: string): Promise<void>;
}
