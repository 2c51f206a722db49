/** The input of every output format: a text in segments, with all available times. */
import type { TimedUnit } from "../timestamps/timed.ts";

export interface TranscriptSegment {
  /** Seconds of the recording. */
  readonly start: number;
  readonly end: number;
  readonly text: string;
  readonly characters?: readonly TimedUnit[] | undefined;
  readonly words?: readonly TimedUnit[] | undefined;
}

export interface Transcript {
  readonly text: string;
  /** Seconds. */
  readonly duration: number;
  readonly segments: readonly TranscriptSegment[];
}

/** Where the recording ends, in seconds: no output has a later time. A transcript of unknown duration ends with its text. */
export function endOf({ duration, segments }: Transcript): number {
  const ends = segments.flatMap(({ end, characters = [] }) => [end, characters.at(-1)?.end ?? end]);
  return ends.reduce((latest, end) => Math.max(latest, end), duration);
}

/** The words of all segments. */
export function allWords({ segments }: Transcript): TimedUnit[] {
  return segments.flatMap(({ words }) => words ?? []);
}
