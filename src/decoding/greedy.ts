/**
 * Greedy decoding: the best token at each step, and when to stop. Pure functions of logits and of the tokens so
 * far; the loop over the steps belongs to the owner of the KV cache.
 */
import { nonFinite } from "../errors.ts";
import { loopAtEnd } from "./loops.ts";
import type { Loop } from "./loops.ts";

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
  throw nonFinite("search", values.length === 0 ? "no logits" : `logit ${at} is NaN`);
}

export type StopReason = "end" | "length" | "loop";

/** How a loop is cut. */
export interface LoopVerdict {
  /** How many tokens stay where the loop goes on. */
  readonly keep: number;
  /** The loop ends the text once there are this many tokens. */
  readonly until: number;
  /** Whether the tokens that stay were spoken, as far as is known. */
  readonly spoken: boolean;
}

/** Judges the loop that the tokens end in. */
export type JudgeLoop = (tokens: readonly number[], loop: Loop) => LoopVerdict;

interface StopRules {
  /** Tokens that end the answer and are not part of it. */
  readonly endIds: readonly number[];
  readonly maxTokens: number;
  /** Without it a loop is cut at once, after its first pass. */
  readonly judgeLoop?: JudgeLoop | undefined;
}

/** A loop that a text was cut in, and whether the passes that stay were spoken. */
export type CutLoop = Loop & Pick<LoopVerdict, "spoken">;

interface Stop {
  readonly reason: StopReason;
  /** How many of the tokens belong to the answer. */
  readonly keep: number;
  /** The loop that the text was cut in. */
  readonly cut?: CutLoop;
}

const cutAtOnce: JudgeLoop = (_, { start, length }) => ({ keep: start + length, until: 0, spoken: false });

/** Whether to stop after the last of `tokens`. Checked after every token. */
export function shouldStop(
  tokens: readonly number[],
  { endIds, maxTokens, judgeLoop = cutAtOnce }: StopRules,
): Stop | undefined {
  const last = tokens.at(-1);
  if (last !== undefined && endIds.includes(last)) return { reason: "end", keep: tokens.length - 1 };
  const loop = loopAtEnd(tokens);
  if (loop !== undefined) {
    const { keep, until, spoken } = judgeLoop(tokens, loop);
    if (tokens.length >= until) return { reason: "loop", keep, cut: { ...loop, spoken } };
  }
  return tokens.length >= maxTokens ? { reason: "length", keep: tokens.length } : undefined;
}
