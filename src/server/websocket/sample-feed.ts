/** Samples of a client, from where they come to where they are recognized. */

/** Samples that wait: from there on the client waits, too. Ten seconds. */
const MOST_WAITING = 160_000;

export class SampleFeed implements AsyncIterable<Float32Array> {
  readonly #waiting: Float32Array[] = [];
  #count = 0;
  #hasEnded = false;
  #filled = (): void => {};
  #taken = (): void => {};

  /** Fulfilled when there is room for more. */
  async push(samples: Float32Array): Promise<void> {
    if (this.#hasEnded) return;
    this.#waiting.push(samples);
    this.#count += samples.length;
    this.#filled();
    while (this.#count > MOST_WAITING && !this.#hasEnded)
      await new Promise<void>((resolve) => (this.#taken = resolve));
  }

  /** There are no more samples. */
  end(): void {
    this.#hasEnded = true;
    this.#filled();
    this.#taken();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Float32Array> {
    try {
      for (;;) {
        const samples = this.#waiting.shift();
        if (samples !== undefined) {
          this.#count -= samples.length;
          this.#taken();
          yield samples;
        } else if (this.#hasEnded) return;
        else await new Promise<void>((resolve) => (this.#filled = resolve));
      }
    } finally {
      this.end(); // nobody reads any more
    }
  }
}
