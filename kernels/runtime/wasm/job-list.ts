/**
 * Jobs that are run one after the other by one call into WebAssembly (`runList` of assembly/pool.ts). Between the
 * kernels of a decoding step, which take some 50 µs each, the way through JavaScript would be as long as a kernel: its
 * code and data are never in a cache that weights have just been streamed through.
 */

/** Where the list lies, and its words: what is left of the kernels' own 64 KiB. Of assembly/layout.ts. */
export const listAt = 16_384;
export const listWords = 12_288;

/** A list that was made once and can be run any number of times. */
export interface Recording {
  readonly words: Int32Array;
  readonly jobs: number;
}

export class JobList {
  /** Of the memory as it is now; made anew when it grows. */
  words: Int32Array;
  jobs = 0;
  #end = 0;

  constructor(words: Int32Array) {
    this.words = words;
  }

  /** Adds a job, unless there is no room: then the list has to be run before. */
  add(kernel: number, items: number, grain: number, args: readonly number[]): boolean {
    const { words } = this;
    let at = this.#end;
    if (at + 4 + args.length > words.length) return false;
    words[at++] = kernel;
    words[at++] = items;
    words[at++] = grain;
    words[at++] = args.length;
    for (let i = 0; i < args.length; i++) words[at++] = args[i]!;
    this.#end = at;
    this.jobs++;
    return true;
  }

  /** What is in it, to be put back later. */
  copy(): Recording {
    return { words: this.words.slice(0, this.#end), jobs: this.jobs };
  }

  hasRoom(words: number): boolean {
    return this.#end + words <= this.words.length;
  }

  /** Adds recorded jobs, for which there is room. */
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
