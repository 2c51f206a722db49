/** What live recognition reports. All times are seconds of the stream. */
import type { Ending } from "../longform/cutter.ts";
import type { Segment } from "../longform/result.ts";
import type { Warning } from "../warnings.ts";

interface OfUtterance {
  /** The number of the utterance: 0, 1, 2, … */
  readonly id: number;
  /** Where the audio begins that is recognized: a moment before the speech. */
  readonly start: number;
}

export interface SpeechStarted extends OfUtterance {
  readonly event: "speech_started";
}

/**
 * The text of an utterance while it grows. `stable` is never taken back: that of each partial of an utterance begins with
 * that of the one before. `tentative` follows it, and may change or disappear.
 *
 * A piece of text (a label of the CTC branch, or a character) becomes stable when two partials in a row have it in the
 * same place, behind the same stable text, and its audio is over for 0.16 s in the later one. Where the audio of an
 * utterance that is not stable grows beyond 4 s, while a partial reads 8 s, the older pieces become stable as they are.
 *
 * By default the final text is another text, by another decoder and from the whole utterance: `stable` is no prefix of it, since it
 * may lack the punctuation and have numbers as they are spoken.
 */
export interface LivePartial extends OfUtterance {
  readonly event: "partial";
  /** Up to where the audio was read. */
  readonly end: number;
  readonly stable: string;
  readonly tentative: string;
}

/** The utterance is over: its final text, which may take a while, is the next event. */
export interface SpeechEnded extends OfUtterance {
  readonly event: "speech_ended";
  readonly end: number;
  /** What ended it: a pause, its length (the next one then begins where it ends), or the end of the stream. */
  readonly ends: Ending;
}

/** The final text of an utterance, empty where there was no speech after all. `words` and others as the options ask. */
export interface LiveFinal extends Segment {
  readonly event: "final";
}

/** Of each utterance in this order: `speech_started`, partials, `speech_ended`, `final`. Utterances do not overlap. */
export type LiveEvent = SpeechStarted | LivePartial | SpeechEnded | LiveFinal;

/** The stream as a whole, known when it has ended. */
export interface LiveEnd {
  /** Seconds of audio. */
  readonly duration: number;
  /** About the audio; those of an utterance are in its final event. */
  readonly warnings: readonly Warning[];
}
