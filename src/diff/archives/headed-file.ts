/**
 * A file whose header comes first and gives the sizes of everything after it, written before those are known: values
 * are written after space for a header. The values of a small archive are then moved to where its header ends; the header
 * of a large one is padded to fill the space, so that gigabytes are written once. It is at its path when it is complete.
 */
import { FunAsrError } from "../../errors.ts";
import { openDraft } from "../../adapters/node/output/draft.ts";
import type { Draft } from "../../adapters/node/output/draft.ts";
import { unwritable } from "../../adapters/node/output/unwritable.ts";
import { bytesOf } from "./archive.ts";

/** Where a stage's values lie, counted from the end of the header. */
interface Span {
  readonly begin: number;
  readonly end: number;
}

/** Enough for the names and places of some 9,000 stages. */
const room = 2 ** 20;
/** Archives with more values than this have a header of that size. */
const largeBytes = 64 * room;
const pieceBytes = 4 * 2 ** 20;

export class HeadedFile {
  readonly #path: string;
  readonly #draft: Draft;
  readonly #alignment: number;
  #size = 0;

  private constructor(path: string, draft: Draft, alignment: number) {
    this.#path = path;
    this.#draft = draft;
    this.#alignment = alignment;
  }

  /** Begins the file for `path`; values start at multiples of `alignment`. Throws `file_unwritable`. */
  static async begin(path: string, alignment = 1): Promise<HeadedFile> {
    return new HeadedFile(path, await openDraft(path), alignment);
  }

  /** Appends values, padded with zeros to the alignment. */
  async append(values: Float32Array): Promise<Span> {
    const begin = this.#size;
    const end = begin + values.byteLength;
    await this.#write(bytesOf(values), room + begin);
    this.#size = Math.ceil(end / this.#alignment) * this.#alignment;
    if (this.#size > end) await this.#write(new Uint8Array(this.#size - end), room + end);
    return { begin, end };
  }

  /** Writes the header, of at least the number of bytes that `encode` is asked for, and moves the file to its path. */
  async finish(header: (least: number) => Uint8Array | Promise<Uint8Array>): Promise<void> {
    try {
      const bytes = await header(this.#size > largeBytes ? room : 0);
      await this.#move(bytes.length);
      await this.#write(bytes, 0);
      await this.#draft.handle.truncate(bytes.length + this.#size);
    } catch (error) {
      await this.abort();
      throw error instanceof FunAsrError ? error : unwritable(this.#path, error);
    }
    await this.#draft.commit();
  }

  abort(): Promise<void> {
    return this.#draft.abort();
  }

  /** Moves all values after a header of `length` bytes, from the end where they overwrite nothing. */
  async #move(length: number): Promise<void> {
    if (length === room) return;
    const starts = Array.from({ length: Math.ceil(this.#size / pieceBytes) }, (_, i) => i * pieceBytes);
    const buffer = new Uint8Array(Math.min(pieceBytes, this.#size));
    for (const start of length < room ? starts : starts.toReversed()) {
      const piece = buffer.subarray(0, this.#size - start);
      for (let done = 0; done < piece.length;) {
        const { bytesRead } = await this.#draft.handle.read(
          piece,
          done,
          piece.length - done,
          room + start + done,
        );
        if (bytesRead === 0) throw unwritable(this.#path, "it became shorter");
        done += bytesRead;
      }
      await this.#write(piece, length + start);
    }
  }

  async #write(bytes: Uint8Array, position: number): Promise<void> {
    for (let done = 0; done < bytes.length;) {
      const { bytesWritten } = await this.#draft.handle
        .write(bytes, done, bytes.length - done, position + done)
        .catch((cause: unknown) => {
          throw unwritable(this.#path, cause);
        });
      done += bytesWritten;
    }
  }
}
