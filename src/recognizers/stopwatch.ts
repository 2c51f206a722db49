/** Sums up the milliseconds spent in named steps. */
export class Stopwatch<Step extends string> {
  readonly times: { [step in Step]?: number } = {};

  async time<Result>(step: Step, work: () => Promise<Result> | Result): Promise<Result> {
    const start = performance.now();
    try {
      return await work();
    } finally {
      this.times[step] = (this.times[step] ?? 0) + performance.now() - start;
    }
  }
}
