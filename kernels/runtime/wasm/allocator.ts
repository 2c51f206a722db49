/**
 * Allocates from one growing memory: first fit, lowest address first, neighbors joined when freed. Activations are freed in
 * order, so after each utterance the free space is one piece again, however long the process runs; weights, which stay,
 * were allocated before and lie below.
 */
import { RuntimeError } from "../../../src/errors.ts";

/** Blocks begin at multiples of this: a cache line. */
const alignment = 64;
/** Bytes that may be read past the end of each block: tails of rows are loaded as whole vectors. */
const slack = 64;

export class Allocator {
  readonly #grow: (end: number) => void;
  readonly #sizes = new Map<number, number>();
  /** Free pieces in order of address, none touching the next. */
  readonly #free: { start: number; end: number }[];
  #end: number;
  /** Addresses that `letGo` will free; undefined outside of `hold`. */
  #held: number[] | undefined;

  /** `grow` provides memory up to an address, and throws if there is none. */
  constructor(start: number, grow: (end: number) => void) {
    this.#grow = grow;
    this.#end = start;
    this.#free = [];
  }

  /** Bytes in use, padding included. */
  get used(): number {
    let sum = 0;
    for (const size of this.#sizes.values()) sum += size;
    return sum;
  }

  /** End of the memory in use and of the free pieces below it. */
  get end(): number {
    return this.#end;
  }

  allocate(bytes: number): number {
    const size = Math.ceil((bytes + slack) / alignment) * alignment;
    const start = this.#take(size) ?? this.#extend(size);
    this.#sizes.set(start, size);
    return start;
  }

  /** Until `letGo`, freed memory is not allocated again: jobs that have not run yet may read it. */
  hold(): void {
    this.#held ??= [];
  }

  letGo(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const start of held) this.free(start);
  }

  free(start: number): void {
    if (this.#held !== undefined) {
      this.#held.push(start);
      return;
    }
    const size = this.#sizes.get(start);
    if (size === undefined) throw new RuntimeError("internal", "wasm memory", `address ${start} freed twice`);
    this.#sizes.delete(start);
    const end = start + size;
    const free = this.#free;
    let index = 0;
    while (index < free.length && free[index]!.start < start) index++;
    const before = free[index - 1];
    const after = free[index];
    if (before?.end === start) {
      before.end = end;
      if (after?.start === end) {
        before.end = after.end;
        free.splice(index, 1);
      }
    } else if (after?.start === end) {
      after.start = start;
    } else {
      free.splice(index, 0, { start, end });
    }
  }

  /** Takes the front of the first free piece that is large enough. */
  #take(size: number): number | undefined {
    const free = this.#free;
    for (let i = 0; i < free.length; i++) {
      const piece = free[i]!;
      if (piece.end - piece.start < size) continue;
      const { start } = piece;
      piece.start += size;
      if (piece.start === piece.end) free.splice(i, 1);
      return start;
    }
    return undefined;
  }

  /** Takes a block at the end of the memory, beginning with the free piece there, if any. */
  #extend(size: number): number {
    const last = this.#free.at(-1);
    const start = last?.end === this.#end ? last.start : this.#end;
    this.#grow(start + size);
    if (start !== this.#end) this.#free.pop();
    this.#end = start + size;
    return start;
  }
}
