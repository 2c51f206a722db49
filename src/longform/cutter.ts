/** What a cutter is: a function that looks at one window of a recording and decides where it is cut. */

/** How a stretch ends: in a pause, in the middle of speech, or with the recording. */
export type Ending = "pause" | "speech" | "end";

/** Samples [start, end) of a recording. */
export interface SampleSpan {
  readonly start: number;
  readonly end: number;
}

/** A stretch that is recognized on its own: samples [from, to) of the window. */
export interface Cut {
  readonly from: number;
  readonly to: number;
  readonly ends: Ending;
}

export interface Cuts {
  readonly stretches: readonly Cut[];
  /** Where the next window begins: behind the last stretch, or before its end where the two overlap. */
  readonly next: number;
}

/** `last`: the recording ends with this window. `start`: its place in the recording, in samples. */
export type Cutter = (window: Float32Array, last: boolean, start: number) => Cuts | Promise<Cuts>;

export interface CutRules {
  /** Seconds that two stretches share where speech has to be cut. */
  readonly overlap: number;
  /** Seconds of quiet that always end a stretch. */
  readonly pause: number;
}
