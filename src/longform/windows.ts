/** A stream of samples as stretches that are recognized one by one: never more than a window and a piece in memory. */
import { MODEL_RATE } from "../audio/limits.ts";
import type { Cutter, Ending } from "./cuts.ts";

/** A part of the recording. */
export interface Window {
  /** Its first sample's number in the recording. */
  readonly start: number;
  readonly samples: Float32Array;
  readonly ends: Ending;
}

/** Fewer samples are no speech, and too few for a row of features: a tenth of a second. */
const LEAST_SAMPLES = MODEL_RATE / 10;

/** The part of a sample stream that was asked for, and how far it was read. */
export class Samples<Summary> implements AsyncDisposable {
  /** Samples that were read and not dropped yet. */
  buffer: Float32Array = new Float32Array(0);
  /** The number in the recording of the first of them. */
  position: number;
  /** What the decoder says at the end of the recording; undefined before, and where the end was not asked for. */
  summary: Summary | undefined;
  /** Spent on reading and decoding so far. */
  milliseconds = 0;
  readonly #pieces: AsyncGenerator<Float32Array, Summary>;
  #toSkip: number;
  #left: number;

  /** `from` and `count` in samples. */
  constructor(pieces: AsyncGenerator<Float32Array, Summary>, from = 0, count = Infinity) {
    this.#pieces = pieces;
    this.#toSkip = from;
    this.#left = count;
    this.position = from;
  }

  /** No more samples will come. */
  get ended(): boolean {
    return this.#left === 0 || this.summary !== undefined;
  }

  /** Reads on until there are more than `count` samples in the buffer, or no more in the recording. */
  async fill(count: number): Promise<void> {
    const began = performance.now();
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
    if (parts.length > 1) this.buffer = concatenated(parts, length);
    this.milliseconds += performance.now() - began;
  }

  drop(count: number): void {
    this.buffer = this.buffer.slice(count);
    this.position += count;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pieces.return(undefined as never);
  }
}

function concatenated(parts: readonly Float32Array[], length: number): Float32Array {
  const all = new Float32Array(length);
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** Cuts the recording window by window. */
export async function* windowsOf(
  samples: Samples<unknown>,
  windowSamples: number,
  cut: Cutter,
): AsyncGenerator<Window> {
  for (;;) {
    await samples.fill(windowSamples);
    const last = samples.buffer.length <= windowSamples;
    const window = samples.buffer.subarray(0, windowSamples);
    if (window.length === 0) return;
    const { stretches, next } = await cut(window, last, samples.position);
    for (const { from, to, ends } of stretches) {
      if (to - from < LEAST_SAMPLES) continue;
      yield { start: samples.position + from, samples: window.slice(from, to), ends };
    }
    samples.drop(next);
    if (last && next >= window.length) return;
  }
}
