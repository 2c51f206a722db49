/**
 * Keys and values of the positions that a decoder has read, one pair of [positions, width] tensors per layer, written
 * in place where the backend can. They have room for the positions that are expected, and grow up to the capacity.
 */
import { dispose, keep, kvWrite, rows as rowsOf, tensor, tidy, values, zeros } from "./ops.ts";
import type { Tensor } from "./ops.ts";
import { RuntimeError } from "../errors.ts";

/** By how much a tensor grows at least. */
const GROWTH = 1.5;

interface CacheRows {
  readonly k: Tensor; // [positions, width]; the first `length` rows are in use
  readonly v: Tensor;
  readonly length: number;
}

/** Keys and values of a sequence's first positions, a pair for each layer, outside of any backend. */
export interface KvRows {
  readonly positions: number;
  readonly layers: readonly (readonly [keys: Float32Array, values: Float32Array])[]; // [positions, width] each
}

export class KvCache {
  readonly capacity: number;
  readonly #keys: Tensor[] = [];
  readonly #values: Tensor[] = [];
  #length = 0;
  #prompt = 0;

  /** `expected`: the positions that there is room for at first. */
  constructor(layers: number, capacity: number, width: number, expected = capacity) {
    this.capacity = capacity;
    const positions = Math.min(expected, capacity);
    for (let i = 0; i < layers; i++) {
      this.#keys.push(keep(zeros([positions, width])));
      this.#values.push(keep(zeros([positions, width])));
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
    this.#withRoom(this.#keys, layer, length);
    this.#withRoom(this.#values, layer, length);
    return { k: this.#write(this.#keys, layer, k), v: this.#write(this.#values, layer, v), length };
  }

  /** The caches of one layer, for a kernel that adds its rows itself. Throws `internal` without room for `positions` more. */
  ofLayer(layer: number, positions: number): { readonly keys: Tensor; readonly values: Tensor } {
    const length = this.#lengthWith(positions);
    return {
      keys: this.#withRoom(this.#keys, layer, length),
      values: this.#withRoom(this.#values, layer, length),
    };
  }

  /** Copies the first positions. */
  async copy(positions: number): Promise<KvRows> {
    const read = async (cache: Tensor): Promise<Float32Array> => {
      const own = rowsOf(cache, 0, positions);
      try {
        return await values(own);
      } finally {
        dispose(own);
      }
    };
    const layers: [Float32Array, Float32Array][] = [];
    for (const [i, keys] of this.#keys.entries())
      layers.push([await read(keys), await read(this.#values[i]!)]);
    return { positions, layers };
  }

  /** Adds the first `positions` of a copy, in the place where they were copied: to an empty cache. */
  restore({ layers }: KvRows, positions: number): void {
    for (const [layer, copies] of layers.entries()) {
      tidy(() => {
        const width = this.#keys[layer]!.shape[1]!;
        const [k, v] = copies.map((all) => tensor(all.subarray(0, positions * width), [positions, width]));
        this.append(layer, k!, v!);
      });
    }
    this.advance(positions);
  }

  /** Called when all layers have their rows. */
  advance(positions: number): void {
    this.#length += positions;
  }

  /** Called when the prompt's positions are in the cache: later ones are those of generated tokens. */
  endPrompt(positions = this.#length): void {
    this.#prompt = positions;
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

  /** A layer's tensor, replaced by a larger one where it has no room for `length` positions. */
  #withRoom(caches: Tensor[], layer: number, length: number): Tensor {
    const before = caches[layer]!;
    const [positions, width] = before.shape as [number, number];
    if (length <= positions) return before;
    const larger = Math.min(this.capacity, Math.max(length, Math.ceil(positions * GROWTH)));
    const used = this.#length;
    const after = tidy(() => {
      const empty = zeros([larger, width]);
      return keep(used === 0 ? empty : kvWrite(empty, rowsOf(before, 0, used), 0));
    });
    dispose(before);
    caches[layer] = after;
    return after;
  }

  #write(caches: Tensor[], layer: number, rows: Tensor): Tensor {
    const before = caches[layer]!;
    const after = keep(kvWrite(before, rows, this.#length));
    dispose(before);
    caches[layer] = after;
    return after;
  }
}
