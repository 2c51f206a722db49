/**
 * Greedy decoding: the best token at each step, and when to stop. Pure functions of logits and of the tokens so
 * far; the loop over the steps belongs to the owner of the KV cache.
 */
import { RuntimeError } from "../errors.ts";

/** Index of the largest value; the lowest of equals, so that every backend agrees. Refuses NaN. */
export function argmax(values: Float32Array): number {
  let best = 0;
  let highest = values[0] ?? NaN;
  let sum = 0; // NaN as soon as one value is NaN
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    sum += value - value;
    if (value > highest) [best, highest] = [i, value];
  }
  if (Number.isNaN(sum) || Number.isNaN(highest)) refuseNonFinite(values);
  return best;
}

function refuseNonFinite(values: Float32Array): void {
  const at = values.findIndex((value) => Number.isNaN(value));
  if (at < 0 && values.length > 0) return; // infinite values are no obstacle to a maximum
  const found = values.length === 0 ? "no logits" : `logit ${at} is NaN`;
  throw new RuntimeError("non_finite", "search", found, { wanted: "numbers" });
}

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

/** Whether the tokens so far end in a loop, and if so how many to keep: all before it and one pass through it. */
export function findLoop(tokens: readonly number[], limits: LoopLimits = LOOP_LIMITS): number | undefined {
  return fewTokens(tokens, limits) ?? samePhrase(tokens, limits);
}

/** The loop reaches back as far as there are no other tokens than in its last window. */
function fewTokens(
  tokens: readonly number[],
  { sameToken, window, distinct }: LoopLimits,
): number | undefined {
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
  return start + members.size;
}

/** The shortest phrase that the tokens repeat at their end; the loop reaches back as far as the repetition does. */
function samePhrase(tokens: readonly number[], { window, phrase, passes }: LoopLimits): number | undefined {
  for (let length = 2; length <= phrase; length++) {
    let start = tokens.length - length;
    while (start > 0 && tokens[start - 1] === tokens[start - 1 + length]) start--;
    const looped = tokens.length - start;
    if (looped >= passes * length && looped >= window) return start + length;
  }
  return undefined;
}

export type StopReason = "end" | "length" | "loop";

interface StopRules {
  /** Tokens that end the answer and are not part of it. */
  readonly endIds: readonly number[];
  readonly maxTokens: number;
  readonly loop?: LoopLimits | undefined;
}

interface Stop {
  readonly reason: StopReason;
  /** How many of the tokens belong to the answer. */
  readonly keep: number;
}

/** Whether to stop after the last of `tokens`. Checked after every token. */
export function shouldStop(
  tokens: readonly number[],
  { endIds, maxTokens, loop }: StopRules,
): Stop | undefined {
  const last = tokens.at(-1);
  if (last !== undefined && endIds.includes(last)) return { reason: "end", keep: tokens.length - 1 };
  const keep = findLoop(tokens, loop);
  if (keep !== undefined) return { reason: "loop", keep };
  return tokens.length >= maxTokens ? { reason: "length", keep: tokens.length } : undefined;
}
