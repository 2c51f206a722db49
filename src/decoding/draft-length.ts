/**
 * How many drafted tokens to check in a step. A refused token costs part of a step and an accepted one saves a step, so a
 * draft that goes wrong is checked token by token, and one that stays wrong only now and then.
 */

/** Steps in a row without an accepted token, after which one token is drafted, and after which none is. */
const SHORTENED = 2;
const STOPPED = 4;
/** Steps without a draft before one token is drafted again. */
const PAUSE = 16;

export class DraftLength {
  readonly #most: number;
  #refused = 0;
  #paused = 0;

  /** `most`: the number of tokens while the draft is right. */
  constructor(most: number) {
    this.#most = most;
  }

  /** The number of tokens for the next step. */
  get next(): number {
    if (this.#refused < SHORTENED) return this.#most;
    return this.#refused < STOPPED || this.#paused >= PAUSE ? 1 : 0;
  }

  /** Called after each step with the numbers of its drafted tokens and of those that were accepted. */
  note(drafted: number, accepted: number): void {
    if (accepted > 0) this.#refused = 0;
    else if (drafted > 0) this.#refused++;
    this.#paused = drafted > 0 ? 0 : this.#paused + 1;
  }
}
