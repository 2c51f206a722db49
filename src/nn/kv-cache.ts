/**
 * Keys and values of the positions that a decoder has read, one pair of [capacity, width] tensors per layer, written
 * in place where the backend can.
 */
import { dispose, keep, kvWrite, zeros } from "./ops.ts";
import type { Tensor } from "./ops.ts";
import { RuntimeError } from "../errors.ts";

interface CacheRows {
  readonly k: Tensor; // [capacity, width]; the first `length` rows are in use
  readonly v: Tensor;
  readonly length: number;
}

export class KvCache {
  readonly capacity: number;
  readonly #keys: Tensor[] = [];
  readonly #values: Tensor[] = [];
  #length = 0;
  #prompt = 0;

  constructor(layers: number, capacity: number, width: number) {
    this.capacity = capacity;
    for (let i = 0; i < layers; i++) {
      this.#keys.push(keep(zeros([capacity, width])));
      this.#values.push(keep(zeros([capacity, width])));
    }
  }

  /** Positions that are complete in every layer. */
  get length(): number {
    return this.#length;
  }

  /** Positions after the prompt: generated tokens that were fed. */
  get generated(): number {
    return this.#length - this.#prompt;
  }

  /** Adds the rows of new positions to one layer and returns all of that layer's. */
  append(layer: number, k: Tensor, v: Tensor): CacheRows {
    const length = this.#lengthWith(k.shape[0]!);
    return { k: this.#write(this.#keys, layer, k), v: this.#write(this.#values, layer, v), length };
  }

  /** The caches of one layer, for a kernel that adds its rows itself. Throws `internal` without room for `positions` more. */
  ofLayer(layer: number, positions: number): { readonly keys: Tensor; readonly values: Tensor } {
    this.#lengthWith(positions);
    return { keys: this.#keys[layer]!, values: this.#values[layer]! };
  }

  /** Called when all layers have their rows. */
  advance(positions: number): void {
    this.#length += positions;
  }

  /** Called when the prompt is in the cache: later positions are those of generated tokens. */
  endPrompt(): void {
    this.#prompt = this.#length;
  }

  /** Drops all positions from `length` on. */
  rewind(length: number): void {
    if (length > this.#length) {
      throw new RuntimeError("internal", "kv cache", `back to position ${length}`, {
        wanted: `at most ${this.#length}`,
      });
    }
    this.#length = length;
    this.#prompt = Math.min(this.#prompt, length);
  }

  dispose(): void {
    dispose([...this.#keys, ...this.#values]);
  }

  /** Positions in use after adding some. Throws `internal` beyond the capacity. */
  #lengthWith(positions: number): number {
    const length = this.#length + positions;
    if (length <= this.capacity) return length;
    throw new RuntimeError("internal", "kv cache", `${length} positions`, {
      wanted: `at most ${this.capacity}`,
    });
  }

  #write(caches: Tensor[], layer: number, rows: Tensor): Tensor {
    const before = caches[layer]!;
    const after = keep(kvWrite(before, rows, this.#length));
    dispose(before);
    caches[layer] = after;
    return after;
  }
}
