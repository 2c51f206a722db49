/** What the transcription of a whole recording gives. All times are seconds of the recording. */
import type { Recognition, Timings } from "../recognizers/result.ts";
import type { TimedText } from "../text/timestamps/timed.ts";
import type { Warning } from "../warnings.ts";

/** A part of the recording and the recognition of it. */
export interface Segment extends Recognition {
  /** 0, 1, 2, … */
  readonly id: number;
  /** Of its first and last word where these are timed, else of the window that was recognized. */
  readonly start: number;
  readonly end: number;
}

/** A place where speech had to be cut, with the texts on both sides of it. */
export interface Join {
  readonly at: number;
  /** `overlap`: both windows contain the place, and their texts were merged; `cut`: each text ends there. */
  readonly how: "overlap" | "cut";
  /** The end of the text before, and the beginning of the text after: both contain the overlap. */
  readonly before: string;
  readonly after: string;
  /** Text of the second window alone, at a time for which the first has another text. */
  readonly dropped: string;
}

/** Milliseconds by step, summed over all windows, and in total. */
export type TotalTimings = Timings & { readonly total: number };

/** What every result of a recording has, from the audio to the end. */
export interface Measured {
  /** Seconds of audio, or up to where it was read; unknown for ready features. */
  readonly duration: number | undefined;
  readonly timings: TotalTimings;
  readonly warnings: readonly Warning[];
}

/** A whole recording: the segments, and all of them as one recognition. */
export interface Transcription extends Recognition, Measured {
  readonly timings: TotalTimings;
  readonly warnings: readonly Warning[];
  /** What was recognized on its own, in order: one for a short recording, none for silence. */
  readonly segments: readonly Segment[];
  /** What is between two marks of a punctuation model; where the characters have times. */
  readonly sentences?: readonly TimedText[];
  /** Where speech had to be cut. */
  readonly joins: readonly Join[];
}

/** Text that may still change; each one replaces the one before it of the same window. */
export interface PartialResult {
  /** Distinguishes it from a segment in `transcribeStream`, and in the command line's `--json-lines`. */
  readonly event: "partial";
  /** The number of the window, from 0, as `segment` of `onProgress`. A window without speech has no segment. */
  readonly part: number;
  /** Where the window begins. */
  readonly start: number;
  /**
   * `draft`: the CTC branch's text, where it runs before the language model anyway (times, a search for hotwords);
   * `text`: the part of the text that is written. A further attempt begins again.
   */
  readonly source: "draft" | "text";
  /** All of it so far. */
  readonly text: string;
}
