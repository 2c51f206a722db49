/** Arrays for reuse: the stages of a model's layers have a few sizes. */

/** Maximum number of bytes kept; a stage as wide as a vocabulary occurs once, so it is not kept. */
const maxBytes = 2 ** 28;

export class BufferPool {
  readonly #free = new Map<number, Float32Array[]>();
  #bytes = 0;

  /** An array of this length, with arbitrary contents. */
  take(length: number): Float32Array {
    const found = this.#free.get(length)?.pop();
    if (found === undefined) return new Float32Array(length);
    this.#bytes -= found.byteLength;
    return found;
  }

  /** Returns an array to the pool; the caller must not use it any more. */
  give(values: Float32Array): void {
    if (this.#bytes + values.byteLength > maxBytes) return;
    const same = this.#free.get(values.length);
    if (same === undefined) this.#free.set(values.length, [values]);
    else same.push(values);
    this.#bytes += values.byteLength;
  }
}
