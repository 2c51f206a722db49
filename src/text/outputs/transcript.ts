/** What every output is written from: a text in segments, with as much timing as there is. */
import type { Warning } from "../../warnings.ts";
import type { TimedUnit } from "../timestamps/timed.ts";

export interface TranscriptSegment {
  /** Seconds of the recording. */
  readonly start: number;
  readonly end: number;
  readonly text: string;
  readonly characters?: readonly TimedUnit[] | undefined;
  readonly words?: readonly TimedUnit[] | undefined;
  /** What is known of how it was recognized, for JSON. */
  readonly tokens?: readonly number[] | undefined;
  readonly temperature?: number | undefined;
  readonly avgLogprob?: number | undefined;
  readonly compressionRatio?: number | undefined;
  readonly noSpeechProb?: number | undefined;
  readonly agreement?: number | undefined;
  readonly warnings?: readonly Warning[] | undefined;
}

export interface Transcript {
  readonly text: string;
  /** Seconds. */
  readonly duration: number;
  readonly language?: string | undefined;
  readonly segments: readonly TranscriptSegment[];
  readonly warnings?: readonly Warning[] | undefined;
}

/** On one line: what a row of a table or a tier can hold. */
export function oneLine(text: string): string {
  return text.replaceAll(/\s+/gu, " ").trim();
}

/** The words of all segments; a segment that has none is one word in the formats that know nothing else. */
export function allWords({ segments }: Transcript): TimedUnit[] {
  return segments.flatMap(({ words }) => words ?? []);
}
