/** The input of every output format: a text in segments, with all available times. */
import type { Warning } from "../../warnings.ts";
import type { TimedUnit } from "../timestamps/timed.ts";

export interface TranscriptSegment {
  /** Seconds of the recording. */
  readonly start: number;
  readonly end: number;
  readonly text: string;
  readonly characters?: readonly TimedUnit[] | undefined;
  readonly words?: readonly TimedUnit[] | undefined;
  /** Details of the recognition, for JSON. */
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

/** The text on one line, for rows of tables and tiers. */
export function oneLine(text: string): string {
  return text.replaceAll(/\s+/gu, " ").trim();
}

/** The words of all segments. */
export function allWords({ segments }: Transcript): TimedUnit[] {
  return segments.flatMap(({ words }) => words ?? []);
}
