/**
 * Scratch memory of recorded jobs: one piece that all recordings share, since none needs it after its own run. Parts of it
 * are taken and returned in stack order.
 */
import type { Allocator } from "./allocator.ts";

/** Parts begin at multiples of a cache line; kernels may read one line past their end. */
const line = 64;

export class Workspace {
  /** Counts how often the workspace has moved; recordings made for another version are invalid. */
  version = 0;
  readonly #allocator: Allocator;
  #address = 0;
  #size = 0;
  #used = 0;
  #most = 0;

  constructor(allocator: Allocator) {
    this.#allocator = allocator;
  }

  take<Result>(bytes: number, work: (address: number) => Result): Result {
    const start = this.#used;
    this.#used += Math.ceil(bytes / line) * line + line;
    this.#most = Math.max(this.#most, this.#used);
    try {
      return work(this.#address + start);
    } finally {
      this.#used = start;
    }
  }

  /** False if more was taken than there is room for; the workspace has then grown and moved. */
  settle(): boolean {
    if (this.#most <= this.#size) return true;
    if (this.#size > 0) this.#allocator.free(this.#address);
    this.#address = this.#allocator.allocate(this.#most);
    this.#size = this.#most;
    this.version++;
    return false;
  }
}
