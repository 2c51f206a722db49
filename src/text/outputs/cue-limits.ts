/** What a cue may have, with the defaults of broadcasters' style guides. */
import { UsageError } from "../../errors.ts";

export interface CueLimits {
  /** Columns of a line; of one with Chinese, Japanese or Korean. */
  readonly columns: number;
  readonly cjkColumns: number;
  readonly maxLines: number;
  /** Seconds. */
  readonly maxSeconds: number;
  /** Seconds between two cues. */
  readonly minGap: number;
}

export interface LimitOptions {
  /**
   * Maximum characters of a line; in one with Chinese, Japanese or Korean a narrow character counts as half. A longer word
   * has a line of its own. 42 by default, 18 with Chinese, Japanese or Korean.
   */
  readonly maxChars?: number | undefined;
  /** Maximum lines of a cue; 2 by default. */
  readonly maxLines?: number | undefined;
  /** 7 by default. */
  readonly maxSeconds?: number | undefined;
  /** Minimum seconds between two cues where their words leave them; two frames (0.08) by default. */
  readonly minGap?: number | undefined;
}

/** Shortest cue, where there is time for it, in seconds. */
export const MIN_SECONDS = 0.8;
const LATIN_CHARACTERS = 42;
const CJK_CHARACTERS = 18;
/** Characters a second that can be read: of one column; of Chinese, Japanese and Korean, which have two. */
const LATIN_SPEED = 17;
const CJK_SPEED = 9;

export function limitsOf({ maxChars, maxLines = 2, maxSeconds = 7, minGap = 0.08 }: LimitOptions): CueLimits {
  for (const [name, value, least] of [
    ["maxChars", maxChars ?? 1, 1],
    ["maxLines", maxLines, 1],
    ["maxSeconds", maxSeconds, 0.1],
    ["minGap", minGap, 0],
  ] as const) {
    if (!(value >= least))
      throw new UsageError("bad_option", name, String(value), { wanted: `at least ${least}` });
  }
  return {
    columns: maxChars ?? LATIN_CHARACTERS,
    cjkColumns: 2 * (maxChars ?? CJK_CHARACTERS),
    maxLines,
    maxSeconds,
    minGap,
  };
}

/** Seconds in which text of so many columns can be read. */
export function readingTime(columns: number, cjk: boolean): number {
  return columns / (cjk ? 2 * CJK_SPEED : LATIN_SPEED);
}
