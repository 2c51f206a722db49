/**
 * How many drafted tokens to check in a step. A refused token costs part of a step and an accepted one saves a step, so more
 * are checked after a step whose tokens were all right, a draft that goes wrong is checked token by token, and one that stays
 * wrong only now and then.
 */

/** Steps in a row without an accepted token, after which one token is drafted, and after which none is. */
const SHORTENED = 2;
const STOPPED = 4;
/** Steps without a draft before one token is drafted again. */
const PAUSE = 16;

export class DraftLength {
  readonly #usual: number;
  readonly #most: number;
  #allRight = false;
  #refused = 0;
  #paused = 0;

  /** The numbers of tokens usually, and after a step that had as many as usual and all right. */
  constructor(usual: number, most: number) {
    this.#usual = usual;
    this.#most = most;
  }

  /** The number of tokens for the next step. */
  get next(): number {
    if (this.#refused < SHORTENED) return this.#allRight ? this.#most : this.#usual;
    return this.#refused < STOPPED || this.#paused >= PAUSE ? 1 : 0;
  }

  /** Called after each step with the numbers of its drafted tokens and of those that were accepted. */
  note(drafted: number, accepted: number): void {
    if (accepted >= this.#usual) this.#allRight = true;
    else if (accepted < drafted) this.#allRight = false;
    if (accepted > 0) this.#refused = 0;
    else if (drafted > 0) this.#refused++;
    this.#paused = drafted > 0 ? 0 : this.#paused + 1;
  }
}
