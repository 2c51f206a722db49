/** An entry of a zip archive, as its directory describes it. */
import type { FunAsrError } from "../errors.ts";

/** Where an entry's bytes lie in the file. */
export interface ZipEntry {
  readonly name: string;
  readonly offset: number;
  /** Bytes in the archive. */
  readonly storedSize: number;
  /** Bytes of content. */
  readonly size: number;
  readonly method: "stored" | "deflated";
}

/** Creates the error of the caller's format. */
export type Malformed = (where: string, found: string, wanted?: string, cause?: unknown) => FunAsrError;

/** An entry's place in messages. */
export const placeOf = (file: string, entry: string): string =>
  `${file}, entry ${JSON.stringify(entry.slice(0, 200))}`;
