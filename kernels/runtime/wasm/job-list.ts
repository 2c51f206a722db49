/**
 * Jobs that one call into WebAssembly runs one after the other (`runList` of assembly/pool.ts). The kernels of a decoding
 * step take some 50 µs each; going through JavaScript between them would take as long, because the weights that stream
 * through the caches evict its code and data.
 */
import { argumentSize, writeArguments } from "./arguments.ts";
import { tableIndex } from "./structs/index.ts";
import type { KernelArguments, KernelName } from "./structs/index.ts";

/** Words of a job before its arguments: table index, items, grain, number of argument words. */
const headWords = 4;

/** Words of a listed copyRows. */
export const copyWords = headWords + 5;

/** Jobs that can be appended to the list any number of times. */
export interface Recording {
  readonly words: Int32Array;
  readonly jobs: number;
}

export class JobList {
  /** A view of the memory; replaced when it grows. */
  words: Int32Array;
  jobs = 0;
  #end = 0;

  constructor(words: Int32Array) {
    this.words = words;
  }

  /** Adds a job; false if there is no room, and the list must be run first. */
  add<Name extends KernelName>(
    name: Name,
    items: number,
    grain: number,
    args: KernelArguments<Name>,
  ): boolean {
    const { words } = this;
    const size = argumentSize(name, args);
    const at = this.#end;
    if (!this.hasRoom(headWords + size)) return false;
    words[at] = tableIndex[name];
    words[at + 1] = items;
    words[at + 2] = grain;
    words[at + 3] = size;
    this.#end = writeArguments(name, args, words, at + headWords);
    this.jobs++;
    return true;
  }

  /** A copy of the list's jobs. */
  copy(): Recording {
    return { words: this.words.slice(0, this.#end), jobs: this.jobs };
  }

  hasRoom(words: number): boolean {
    return this.#end + words <= this.words.length;
  }

  /** Adds recorded jobs, for which there must be room. */
  append({ words, jobs }: Recording): void {
    this.words.set(words, this.#end);
    this.#end += words.length;
    this.jobs += jobs;
  }

  clear(): void {
    this.jobs = 0;
    this.#end = 0;
  }
}
