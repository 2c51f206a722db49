/** Loops: a language model may write the same tokens over and over. Functions of the tokens alone. */

/** When a repetition is a loop. No normal speech was seen to reach the defaults. */
interface LoopLimits {
  /** The same token this many times in a row. */
  readonly sameToken: number;
  /** At most `distinct` different tokens among the last `window` tokens. */
  readonly window: number;
  readonly distinct: number;
  /** A phrase of up to `phrase` tokens, at least `passes` times in a row and for at least `window` tokens. */
  readonly phrase: number;
  readonly passes: number;
}

const LOOP_LIMITS: LoopLimits = { sameToken: 20, window: 30, distinct: 3, phrase: 40, passes: 4 };

/** Tokens that repeat themselves. */
export interface Loop {
  /** The index of the first token of the first pass. */
  readonly start: number;
  /** The number of tokens of one pass. */
  readonly length: number;
}

/** The loop that the tokens end in, if they do. */
export function loopAtEnd(tokens: readonly number[], limits: LoopLimits = LOOP_LIMITS): Loop | undefined {
  return fewTokens(tokens, limits) ?? samePhrase(tokens, limits);
}

/** A phrase that a text repeats at once. */
export interface Repetition extends Loop {
  /** The index after its last token; the last pass may be incomplete. */
  readonly end: number;
  /** Whether it is long enough for a loop. */
  readonly isLoop: boolean;
}

/** The repetitions of a text in their order, from the second pass on; of those inside of others, only the outer ones. */
export function repetitions(tokens: readonly number[]): Repetition[] {
  const { phrase, sameToken, window, passes } = LOOP_LIMITS;
  const found: Repetition[] = [];
  for (let length = 1; length <= phrase; length++) {
    for (let start = 0; start + 2 * length <= tokens.length;) {
      let end = start + length;
      while (end < tokens.length && tokens[end] === tokens[end - length]) end++;
      const repeated = end - start;
      const isLoop = repeated >= (length === 1 ? sameToken : Math.max(window, passes * length));
      if (repeated >= 2 * length) found.push({ start, length, end, isLoop });
      start = end - length + 1;
    }
  }
  const covers = (outer: Loop & { end: number }, inner: Loop & { end: number }): boolean =>
    outer.start <= inner.start && outer.end >= inner.end;
  return found
    .filter(
      (one, i) => !found.some((other, j) => i !== j && covers(other, one) && (j < i || !covers(one, other))),
    )
    .sort((a, b) => a.start - b.start);
}

/** The loop reaches back as far as there are no other tokens than in its last window. */
function fewTokens(tokens: readonly number[], { sameToken, window, distinct }: LoopLimits): Loop | undefined {
  const last = new Set(tokens.slice(-sameToken));
  const recent = new Set(tokens.slice(-window));
  const members =
    tokens.length >= sameToken && last.size === 1
      ? last
      : tokens.length >= window && recent.size <= distinct
        ? recent
        : undefined;
  if (members === undefined) return undefined;
  let start = tokens.length;
  while (start > 0 && members.has(tokens[start - 1] as number)) start--;
  return { start, length: members.size };
}

/** The shortest phrase that the tokens repeat at their end; the loop reaches back as far as the repetition does. */
function samePhrase(tokens: readonly number[], { window, phrase, passes }: LoopLimits): Loop | undefined {
  for (let length = 2; length <= phrase; length++) {
    let start = tokens.length - length;
    while (start > 0 && tokens[start - 1] === tokens[start - 1 + length]) start--;
    const looped = tokens.length - start;
    if (looped >= passes * length && looped >= window) return { start, length };
  }
  return undefined;
}
