/** What recognisers without a language model tell beside their text. */
import { warning } from "../warnings.ts";
import type { Warning } from "../warnings.ts";
import type { Recognition, RecognizeOptions } from "./recognizer.ts";

/** Log probabilities of the tokens and their mean, where they are wanted. */
export function logprobsOf(
  values: readonly number[],
  { logprobs = false }: RecognizeOptions,
): Pick<Recognition, "logprobs" | "avgLogprob"> {
  if (!logprobs) return {};
  const sum = values.reduce((total, logprob) => total + logprob, 0);
  return { logprobs: values, avgLogprob: values.length === 0 ? 0 : sum / values.length };
}

/** Says which options had no effect, instead of dropping them silently. */
export function ignoredOptions(
  why: string,
  options: RecognizeOptions,
  useless: readonly ("language" | "context")[],
): Warning[] {
  const given: string[] = useless.filter((name) => !["", "auto"].includes(options[name] ?? ""));
  if ((options.temperature ?? 0) > 0) given.push("temperature");
  if (options.fallback !== undefined) given.push("fallback");
  return given.length === 0 ? [] : [warning("option_ignored", `${why}: ${given.join(", ")} had no effect`)];
}
