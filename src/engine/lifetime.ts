/** The life of a model: its jobs run until it is disposed of, and what it holds is freed when the last of them has ended. */
import { FunAsrError } from "../errors.ts";

export class Lifetime {
  readonly #source: string;
  readonly #free: () => void;
  #running = 0;
  #ended = false;

  /** `source` is the model's name in errors. `free` is called once. */
  constructor(source: string, free: () => void) {
    this.#source = source;
    this.#free = free;
  }

  /** Throws `disposed`. Jobs call it at the start of each turn, so that they end soon. */
  check(): void {
    if (this.#ended) throw new FunAsrError("disposed", this.#source, "the model was disposed");
  }

  /** Runs a job, whose weights stay until it ends. Throws `disposed`. */
  async run<Result>(job: () => Promise<Result>): Promise<Result> {
    this.check();
    this.#running++;
    try {
      return await job();
    } finally {
      this.#running--;
      if (this.#ended && this.#running === 0) this.#free();
    }
  }

  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    if (this.#running === 0) this.#free();
  }
}
