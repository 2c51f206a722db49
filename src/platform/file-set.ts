/** Files that belong together: a folder of the disk, or whatever stands for one. */
import type { ByteSource } from "./bytes.ts";

export interface FileSet {
  /** Its name in messages: the folder's path. */
  readonly name: string;
  /** The names of the files in it, sorted; none where it cannot be read. */
  names(): Promise<readonly string[]>;
  /** Whether a file is there. `path` is relative, with "/" between its parts. */
  has(path: string): Promise<boolean>;
  /** Throws `file_not_found` or `file_unreadable`. */
  open(path: string): Promise<ByteSource>;
  /**
   * Opens a plain file of this folder or of a folder in it, `path` being relative with "/" between its parts; undefined
   * where a part is a link of any kind, or no file.
   */
  openPlain(path: string): Promise<ByteSource | undefined>;
}

/** A folder, or a file in one. */
export interface Location {
  readonly files: FileSet;
  /** The file's name; absent where the place is the folder itself. */
  readonly file?: string;
}
