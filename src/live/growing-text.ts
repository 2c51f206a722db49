/**
 * The text of an utterance while it grows: the CTC branch, or the decoder of a model that has no other, reads the newest
 * seconds again and again. What it reads at once is bounded, so that the work for a second of audio is: when it has become too
 * long, the next reading begins just before the end of the stable text.
 */
import { MODEL_RATE } from "../audio/limits.ts";
import type { TimedText } from "../text/timestamps/timed.ts";
import { LEAST_AGE, StableText } from "./stable-text.ts";

/** Seconds that are read at once, unless more of them are new. */
export const MOST_READ = 8;
/** Seconds before the end of the stable text that are read again, for context. */
const OVERLAP = 2;
/** A row of features: readings that begin with one see the same frames. */
const ROW = 0.06 * MODEL_RATE;

/** Reads samples; gives pieces of text with their times in them, in seconds. */
export type ReadPieces = (samples: Float32Array) => Promise<readonly TimedText[]>;

export class GrowingText {
  readonly #read: ReadPieces;
  readonly #text = new StableText();
  /** The first sample that is read. */
  #from = 0;
  /** Up to where the audio was read, in seconds. */
  #until = 0;

  constructor(read: ReadPieces) {
    this.#read = read;
  }

  get stable(): string {
    return this.#text.stable;
  }

  get tentative(): string {
    return this.#text.tentative;
  }

  /** Takes all samples of the utterance so far. */
  async update(samples: Float32Array): Promise<void> {
    if (samples.length - this.#from > MOST_READ * MODEL_RATE) this.#slide(samples.length);
    const start = this.#from / MODEL_RATE;
    const pieces = await this.#read(samples.subarray(this.#from));
    const placed = pieces.map((piece) => ({ ...piece, start: piece.start + start, end: piece.end + start }));
    this.#until = samples.length / MODEL_RATE;
    this.#text.read(placed, this.#until);
  }

  /** Takes all samples of the utterance, which ends there; gives its text, which begins with what was stable. */
  async whole(samples: Float32Array): Promise<string> {
    await this.update(samples);
    return this.stable + this.tentative;
  }

  #slide(length: number): void {
    // what is new is read first: readings may be far from each other where the work is slow
    const least = Math.min(length / MODEL_RATE - MOST_READ / 2, this.#until - LEAST_AGE);
    if (this.#text.until < least) this.#text.settleUntil(least);
    const from = (this.#text.until - OVERLAP) * MODEL_RATE;
    this.#from = Math.max(this.#from, Math.floor(from / ROW) * ROW);
  }
}
