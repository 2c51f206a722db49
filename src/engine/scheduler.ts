/**
 * Turns: TensorFlow.js has one current backend in a process, so one job computes at a time. A job keeps its turn until it
 * offers it between two of its steps (layers, tokens); then the jobs that wait get theirs, in the order in which they
 * began to wait, so that a short job never waits for a long one to end.
 */

/** Work that takes turns with other work. */
export interface Job {
  /** Makes the job's backend and hooks the current ones. Called when it gets a turn and another job had the last. */
  enter(): Promise<void>;
  /** Undoes what must not be seen by other jobs; called before another job's `enter`, and at the job's end. */
  leave(): void;
  /** Called at the start of each turn; throws where the job must end. */
  check(): void;
}

export class Scheduler {
  #running: Job | undefined;
  /** The job whose state is installed: the running one, or the last that ran. */
  #installed: Job | undefined;
  readonly #waiting: { readonly job: Job; readonly start: () => void }[] = [];

  /** The job that has the turn. */
  get running(): Job | undefined {
    return this.#running;
  }

  /** Does `work` in turns; its first turn comes after those of the jobs that already wait. */
  async run<Result>(job: Job, work: () => Promise<Result>): Promise<Result> {
    try {
      await this.#begin(job);
      return await work();
    } finally {
      if (this.#installed === job) {
        job.leave();
        this.#installed = undefined;
      }
      this.#next();
    }
  }

  /**
   * Offers the running job's turn to the jobs that wait. Meanwhile `outside`, which must not compute, is awaited without
   * a turn. Without it, and where no job waits, this returns at once; outside of all jobs it only awaits `outside`.
   */
  async offerTurn(outside?: () => Promise<void>): Promise<void> {
    const job = this.#running;
    if (job === undefined) return outside?.();
    if (outside === undefined && this.#waiting.length === 0) return;
    this.#next();
    try {
      await outside?.();
    } finally {
      await this.#begin(job); // also after an error: its cleanup belongs to the job
    }
  }

  async #begin(job: Job): Promise<void> {
    if (this.#running === undefined) this.#running = job;
    else await new Promise<void>((start) => this.#waiting.push({ job, start }));
    if (this.#installed !== job) {
      this.#installed?.leave();
      this.#installed = undefined;
      await job.enter();
      this.#installed = job;
    }
    job.check();
  }

  #next(): void {
    const next = this.#waiting.shift();
    this.#running = next?.job;
    next?.start();
  }
}

/** The scheduler of all engines of the process. */
export const scheduler = new Scheduler();

/** See {@link Scheduler.offerTurn}. */
export const offerTurn = (outside?: () => Promise<void>): Promise<void> => scheduler.offerTurn(outside);
