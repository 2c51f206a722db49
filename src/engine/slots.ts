/** A fixed number of places, assigned in the order of the requests. */

interface Waiter {
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
}

export class Slots {
  #free: number;
  readonly #count: number;
  readonly #waiting = new Set<Waiter>();

  constructor(count: number) {
    this.#count = this.#free = count;
  }

  /** Whether every place is free. */
  get isIdle(): boolean {
    return this.#free === this.#count;
  }

  /** Takes a place, once there is one; `undefined` where it is there now. Rejects with the signal's reason. */
  acquire(signal?: AbortSignal): Promise<void> | undefined {
    signal?.throwIfAborted();
    if (this.#free > 0) {
      this.#free--;
      return undefined;
    }
    return new Promise((resolve, reject) => {
      const abort = (): void => {
        this.#waiting.delete(waiter);
        reject(signal!.reason as Error);
      };
      const waiter: Waiter = {
        resolve: () => {
          signal?.removeEventListener("abort", abort);
          resolve();
        },
        reject: (reason) => {
          signal?.removeEventListener("abort", abort);
          reject(reason as Error);
        },
      };
      this.#waiting.add(waiter);
      signal?.addEventListener("abort", abort, { once: true });
    });
  }

  release(): void {
    const [next] = this.#waiting;
    if (next === undefined) {
      this.#free++;
      return;
    }
    this.#waiting.delete(next);
    next.resolve();
  }

  /** Rejects all that wait. */
  rejectWaiting(reason: Error): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const { reject } of waiting) reject(reason);
  }
}
