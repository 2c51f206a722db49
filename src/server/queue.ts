/** The bounded queue before the engine. The engine lets short work pass long work, so that here it is only counted. */
import { RequestError } from "./errors.ts";

/** How much the last request weighs in the mean time. */
const WEIGHT = 0.1;
const MAX_RETRY_SECONDS = 60;

export class Queue {
  readonly #places: number;
  #held = 0;
  #meanSeconds = 1;
  readonly #waiting: (() => void)[] = [];

  constructor(places: number) {
    this.#places = places;
  }

  /** Requests that are recognized or wait for the engine. */
  get held(): number {
    return this.#held;
  }

  /** Throws `busy`, with the time after which a place is likely to be free. */
  refuseIfFull(): void {
    if (this.#held < this.#places) return;
    const seconds = Math.ceil(this.#meanSeconds / this.#places);
    throw new RequestError("busy", "server", `${this.#held} requests are recognized or wait`, {
      remedy: "Try again later",
      retryAfter: Math.min(Math.max(seconds, 1), MAX_RETRY_SECONDS),
    });
  }

  /** Does `work` in a place. Throws `busy`. */
  async run<Result>(work: () => Promise<Result>): Promise<Result> {
    this.refuseIfFull();
    this.#held++;
    const began = performance.now();
    try {
      return await work();
    } finally {
      this.#held--;
      const seconds = (performance.now() - began) / 1000;
      this.#meanSeconds += WEIGHT * (seconds - this.#meanSeconds);
      if (this.#held === 0) for (const wake of this.#waiting.splice(0)) wake();
    }
  }

  /** Until no place is held. */
  async idle(): Promise<void> {
    if (this.#held > 0) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }
}
