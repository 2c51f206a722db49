/** Arrays that are used again: the layers of a model have stages of the same few sizes. */

/** What is kept for later at most; a stage as wide as a vocabulary comes once. */
const mostBytes = 2 ** 28;

export class BufferPool {
  readonly #free = new Map<number, Float32Array[]>();
  #bytes = 0;

  /** An array of this length, with anything in it. */
  take(length: number): Float32Array {
    const found = this.#free.get(length)?.pop();
    if (found === undefined) return new Float32Array(length);
    this.#bytes -= found.byteLength;
    return found;
  }

  /** Takes an array back that nobody reads any more. */
  give(values: Float32Array): void {
    if (this.#bytes + values.byteLength > mostBytes) return;
    const same = this.#free.get(values.length);
    if (same === undefined) this.#free.set(values.length, [values]);
    else same.push(values);
    this.#bytes += values.byteLength;
  }
}
