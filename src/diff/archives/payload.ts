/**
 * For formats whose header comes first and tells the size of everything: the values go to a file of their own, and
 * when the last one is known the archive is made of it.
 */
import { rm } from "node:fs/promises";
import { openFile } from "../../gguf/access.ts";
import type { RandomAccess } from "../../gguf/access.ts";
import { openAtomically, temporaryBeside } from "../../gguf/atomic.ts";
import type { AtomicFile } from "../../gguf/atomic.ts";
import { bytesOf } from "./archive.ts";

const pieceBytes = 4 * 2 ** 20;

/** Where a stage's values lie in the payload. */
export interface Span {
  readonly begin: number;
  readonly end: number;
}

export class Payload {
  readonly #place: string;
  readonly #file: AtomicFile;
  #size = 0;

  private constructor(place: string, file: AtomicFile) {
    this.#place = place;
    this.#file = file;
  }

  /** Begins the payload of the file that shall stand at `path`. */
  static async begin(path: string): Promise<Payload> {
    const place = temporaryBeside(path);
    return new Payload(place, await openAtomically(place));
  }

  async append(values: Float32Array): Promise<Span> {
    const begin = this.#size;
    await this.#file.write(bytesOf(values));
    this.#size += values.byteLength;
    return { begin, end: this.#size };
  }

  /** Hands the payload to what makes the archive, and removes it. */
  async finish(make: (payload: RandomAccess) => Promise<void>): Promise<void> {
    await this.#file.commit();
    try {
      await using payload = await openFile(this.#place);
      await make(payload);
    } finally {
      await rm(this.#place, { force: true });
    }
  }

  abort(): Promise<void> {
    return this.#file.abort();
  }
}

/** A part of the payload, in pieces; each is overwritten by the next. */
export async function* piecesOf(payload: RandomAccess, { begin, end }: Span): AsyncGenerator<Uint8Array> {
  const buffer = new Uint8Array(Math.min(pieceBytes, end - begin));
  for (let offset = begin; offset < end; offset += buffer.length) {
    const piece = buffer.subarray(0, end - offset);
    await payload.read(offset, piece);
    yield piece;
  }
}
