/** A stream of samples as windows that are recognized one after the other: at most a block and a piece are in memory. */
import { gathered } from "../audio/decoder.ts";
import { MODEL_RATE } from "../audio/limits.ts";
import { Stopwatch } from "../recognizers/stopwatch.ts";
import type { Cutter, Ending } from "./cutter.ts";

/** Samples of the recording that are recognized on their own. */
export interface Window {
  /** The number of its first sample in the recording. */
  readonly start: number;
  readonly samples: Float32Array;
  readonly ends: Ending;
}

/** A tenth of a second: shorter windows hold no speech, and are too short for a row of features. */
export const LEAST_SAMPLES = MODEL_RATE / 10;

/** The part of a sample stream that was asked for, and the samples of it that are in memory. */
export class Samples<Summary> implements AsyncDisposable {
  /** Samples that were read and not dropped. */
  buffer: Float32Array = new Float32Array(0);
  /** The number of the first of them in the recording. */
  position: number;
  /** The decoder's summary at the end of the recording; undefined before, and where the end was not asked for. */
  summary: Summary | undefined;
  readonly #pieces: AsyncGenerator<Float32Array, Summary>;
  readonly #watch: Stopwatch;
  #toSkip: number;
  #left: number;

  /** `from` and `count` are in samples; reading and decoding is the step `audio` of `watch`. */
  constructor(
    pieces: AsyncGenerator<Float32Array, Summary>,
    from = 0,
    count = Infinity,
    watch = new Stopwatch(),
  ) {
    this.#pieces = pieces;
    this.#watch = watch;
    this.#toSkip = from;
    this.#left = count;
    this.position = from;
  }

  /** Whether there are no more samples to read. */
  get ended(): boolean {
    return this.#left === 0 || this.summary !== undefined;
  }

  /** Reads on until there are more than `count` samples in the buffer, or no more in the recording. */
  fill(count: number): Promise<void> {
    return this.#watch.time("audio", () => this.#read(count));
  }

  drop(count: number): void {
    this.buffer = this.buffer.slice(count);
    this.position += count;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pieces.return(undefined as never);
  }

  async #read(count: number): Promise<void> {
    const parts = [this.buffer];
    let length = this.buffer.length;
    while (length <= count && !this.ended) {
      const next = await this.#pieces.next();
      if (next.done === true) {
        this.summary = next.value;
        break;
      }
      const skipped = Math.min(this.#toSkip, next.value.length);
      const part = next.value.subarray(skipped, skipped + Math.min(this.#left, next.value.length - skipped));
      this.#toSkip -= skipped;
      this.#left -= part.length;
      length += part.length;
      parts.push(part);
    }
    if (parts.length > 1) this.buffer = await gathered(parts);
  }
}

/** Cuts the recording, read in blocks of up to `blockSamples` samples, into windows. */
export async function* windowsOf(
  samples: Samples<unknown>,
  blockSamples: number,
  cut: Cutter,
): AsyncGenerator<Window> {
  for (;;) {
    await samples.fill(blockSamples);
    const last = samples.buffer.length <= blockSamples;
    const block = samples.buffer.subarray(0, blockSamples);
    if (block.length === 0) return;
    const { windows, next } = await cut(block, last, samples.position);
    for (const { from, to, ends } of windows) {
      if (to - from < LEAST_SAMPLES) continue;
      yield { start: samples.position + from, samples: block.slice(from, to), ends };
    }
    samples.drop(next);
    if (last && next >= block.length) return;
  }
}
