/** A cutter divides a recording, block by block, into the windows that are recognized on their own. */

/** Where a window ends: in a pause, in the middle of speech, or with the recording. */
export type Ending = "pause" | "speech" | "end";

/** Samples [start, end) of a recording. */
export interface SampleSpan {
  readonly start: number;
  readonly end: number;
}

/** One window: samples [from, to) of the block. */
export interface Cut {
  readonly from: number;
  readonly to: number;
  readonly ends: Ending;
}

export interface Cuts {
  readonly windows: readonly Cut[];
  /** Where the next block begins: after the last window, or before its end where the two overlap. */
  readonly next: number;
}

/** `last`: the recording ends with this block. `start`: its place in the recording, in samples. */
export type Cutter = (block: Float32Array, last: boolean, start: number) => Cuts | Promise<Cuts>;

export interface CutRules {
  /** Seconds that two windows share where speech has to be cut. */
  readonly overlap: number;
  /** Seconds of quiet that always end a window. */
  readonly pause: number;
}
