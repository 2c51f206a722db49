/** Which part of a growing text is stable: it is never taken back. See `LivePartial` for the rule. */
import type { TimedText } from "../text/timestamps/timed.ts";

/** Seconds of audio behind a piece that is stable: at the end of the audio, a model misses the context. */
export const LEAST_AGE = 0.16;

/** Times are in seconds. */
export class StableText {
  #stable = "";
  /** Where the stable text ends: pieces whose middle is before it are not looked at any more. */
  #until = -Infinity;
  /** The pieces behind the stable text, of the last reading. */
  #last: readonly TimedText[] = [];

  /** Where the stable text ends; −∞ while there is none. */
  get until(): number {
    return this.#until;
  }

  get stable(): string {
    return this.#stable;
  }

  get tentative(): string {
    const text = textOf(this.#last);
    return this.#stable === "" ? text.trimStart() : text;
  }

  /** Takes the pieces of a new reading, in order; it may begin anywhere before `until`. The audio ends at `now`. */
  read(pieces: readonly TimedText[], now: number): void {
    const rest = this.#behind(pieces);
    let agreed = 0;
    while (
      agreed < Math.min(rest.length, this.#last.length) &&
      rest[agreed]!.text === this.#last[agreed]!.text &&
      rest[agreed]!.end <= now - LEAST_AGE
    )
      agreed++;
    this.#last = rest;
    this.#settle(agreed);
  }

  /** Makes what ends before `time` stable, and leaves out what a later reading finds before it, but for what lasts longer. */
  settleUntil(time: number): void {
    const count = this.#last.findIndex(({ end }) => end > time);
    this.#settle(count < 0 ? this.#last.length : count);
    const [next] = this.#last;
    this.#until = Math.max(this.#until, Math.min(time, next?.start ?? time));
  }

  #behind(pieces: readonly TimedText[]): readonly TimedText[] {
    return pieces.filter(({ start, end }) => (start + end) / 2 > this.#until);
  }

  /** The first `count` of the last pieces become stable. */
  #settle(count: number): void {
    if (count === 0) return;
    const text = textOf(this.#last.slice(0, count));
    this.#stable += this.#stable === "" ? text.trimStart() : text;
    const { end } = this.#last[count - 1]!;
    const next = this.#last[count];
    // halfway to the next piece: a later reading may find both a frame earlier or later
    this.#until = next === undefined ? end : Math.max(end, next.start) / 2 + end / 2;
    this.#last = this.#last.slice(count);
  }
}

const textOf = (pieces: readonly TimedText[]): string => pieces.map(({ text }) => text).join("");
