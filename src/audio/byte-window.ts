/** A window on a source, so that small pieces of it cost no read each. */
import { readUpTo } from "../platform/bytes.ts";
import type { ByteSource } from "../platform/bytes.ts";

export class ByteWindow {
  readonly #source: ByteSource;
  readonly #least: number;
  #bytes: Uint8Array = new Uint8Array(0);
  #start = 0;

  /** A read is of `least` bytes or more; of a stream, which would have to be waited for, it is of no more than is asked for. */
  constructor(source: ByteSource, least: number) {
    this.#source = source;
    this.#least = source.reach === undefined ? least : 0;
  }

  /** `length` bytes from `offset` on, or as many as there are. They are valid until the next read. */
  async read(offset: number, length: number): Promise<Uint8Array> {
    const from = offset - this.#start;
    const isAll = this.#start + this.#bytes.length >= this.#source.size;
    if (from >= 0 && (isAll || from + length <= this.#bytes.length)) {
      return this.#bytes.subarray(from, from + length);
    }
    this.#bytes = await readUpTo(this.#source, offset, Math.max(length, this.#least));
    this.#start = offset;
    return this.#bytes.subarray(0, length);
  }
}
