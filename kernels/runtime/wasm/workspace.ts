/**
 * Scratch memory of recorded jobs: one piece that all recordings share, for none needs it beyond its own run. Places are
 * given and taken back as from a stack.
 */
import type { Allocator } from "./allocator.ts";

/** Places begin at multiples of a cache line, and the bytes of one past each may be read. */
const line = 64;

export class Workspace {
  /** Counts its moves: what was recorded for another version is void. */
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

  /** Whether all that was ever taken had room; if not, the workspace grows and moves. */
  settle(): boolean {
    if (this.#most <= this.#size) return true;
    if (this.#size > 0) this.#allocator.free(this.#address);
    this.#address = this.#allocator.allocate(this.#most);
    this.#size = this.#most;
    this.version++;
    return false;
  }
}
