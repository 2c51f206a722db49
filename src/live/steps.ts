/** A stream of samples in steps of one length, and how far the work on them is behind a source that does not wait. */

/** Seconds of work that were not given as audio meanwhile. A source that waits, such as a file, is never far ahead. */
export class Lag {
  readonly #clock: () => number;
  #seconds = 0;
  #since: number;

  /** `clock` gives milliseconds. */
  constructor(clock: () => number) {
    this.#clock = clock;
    this.#since = clock();
  }

  get seconds(): number {
    return this.#seconds;
  }

  /** Awaits a part of the audio: the time of it is no work. */
  async waiting<Result>(part: Promise<Result>): Promise<Result> {
    this.#addWork();
    try {
      return await part;
    } finally {
      this.#since = this.#clock();
    }
  }

  /** Seconds of audio were given. */
  given(seconds: number): void {
    this.#addWork();
    this.#seconds = Math.max(0, this.#seconds - seconds);
  }

  #addWork(): void {
    const now = this.#clock();
    this.#seconds += (now - this.#since) / 1000;
    this.#since = now;
  }
}

/** The same samples, `size` at a time; the last step may have fewer. Steps do not depend on the sizes of the pieces. */
export async function* inSteps<Summary>(
  pieces: AsyncGenerator<Float32Array, Summary>,
  size: number,
  lag: Lag,
): AsyncGenerator<Float32Array, Summary> {
  let step = new Float32Array(size);
  let filled = 0;
  try {
    for (;;) {
      const next = await lag.waiting(pieces.next());
      if (next.done === true) {
        if (filled > 0) yield step.subarray(0, filled);
        return next.value;
      }
      for (let at = 0; at < next.value.length;) {
        const count = Math.min(size - filled, next.value.length - at);
        step.set(next.value.subarray(at, at + count), filled);
        at += count;
        filled += count;
        if (filled < size) continue;
        yield step;
        [step, filled] = [new Float32Array(size), 0];
      }
    }
  } finally {
    await pieces.return(undefined as never);
  }
}
