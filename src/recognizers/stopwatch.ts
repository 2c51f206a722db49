/** Times of the steps of a recognition. */
import type { Step, Timings } from "./result.ts";

/** Sums up the milliseconds spent in each step. */
export class Stopwatch {
  /** Milliseconds that an earlier call has spent on what was taken from it. */
  earlier = 0;
  readonly #times: { [step in Step]?: number } = {};

  get times(): Timings {
    return this.#times;
  }

  async time<Result>(step: Step, work: () => Promise<Result> | Result): Promise<Result> {
    const start = performance.now();
    try {
      return await work();
    } finally {
      this.add({ [step]: performance.now() - start });
    }
  }

  add(times: Timings): void {
    for (const [step, time] of Object.entries(times) as [Step, number][])
      this.#times[step] = (this.#times[step] ?? 0) + time;
  }
}
