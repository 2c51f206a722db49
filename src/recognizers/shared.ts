/** What several recognizers need: rounding, vocabularies, results of models without a language model. */
import { collapse } from "../decoding/ctc.ts";
import { ModelFormatError } from "../errors.ts";
import type { Lens } from "../models/logit-lens.ts";
import { warning } from "../warnings.ts";
import type { Warning } from "../warnings.ts";
import type { RecognizeOptions } from "./options.ts";
import type { RecognizerContext, TextLens } from "./recognizer.ts";
import type { Confidence } from "./result.ts";

/** Scores and probabilities in results have three digits: more would be noise, and long. */
export const rounded = (value: number): number => Math.round(value * 1000) / 1000;

/** A list of strings of a checkpoint's metadata. Throws `bad_metadata` where there is none. */
export function vocabulary(
  { source, metadata }: Pick<RecognizerContext, "source" | "metadata">,
  key: string,
): readonly string[] {
  const value = metadata.get(key);
  if (!Array.isArray(value) || value.some((item) => typeof item !== "string")) {
    throw new ModelFormatError("bad_metadata", `${source}: ${key}`, "missing or no list of strings", {
      wanted: "the vocabulary",
    });
  }
  return value as readonly string[];
}

/** Throws `bad_metadata` where the file has the key with a value that is none of those which are computed. */
export function expectKey(
  { source, metadata }: Pick<RecognizerContext, "source" | "metadata">,
  key: string,
  known: readonly (string | number | boolean)[],
): void {
  const value = metadata.get(key);
  if (value === undefined || known.some((one) => one === value)) return;
  const found = JSON.stringify(value).slice(0, 80);
  throw new ModelFormatError("bad_metadata", `${source}: ${key}`, found, { wanted: known.join(" or ") });
}

/** A CTC head's lens: its rows are frames, whose text is that of greedy CTC. */
export function ctcLens(lens: Lens, blankId: number, decode: (ids: readonly number[]) => string): TextLens {
  return {
    ...lens,
    rows: "frames",
    text: (ids) => decode(collapse(ids, blankId, () => 0).map(({ id }) => id)),
    label: (id) => (id === blankId ? "" : decode([id])),
  };
}

/** Log probabilities of the tokens and their mean, where the options ask for them. */
export function logprobsOf(
  values: readonly number[],
  { logprobs = false }: RecognizeOptions,
): Pick<Confidence, "logprobs" | "avgLogprob"> {
  if (!logprobs) return {};
  const sum = values.reduce((total, logprob) => total + logprob, 0);
  return { logprobs: values, avgLogprob: values.length === 0 ? 0 : sum / values.length };
}

/** A warning that names the options that had no effect on a model without a language model. */
export function ignoredOptions(
  why: string,
  options: RecognizeOptions,
  unused: readonly ("language" | "context")[],
): Warning[] {
  const given: string[] = unused.filter((name) => !["", "auto"].includes(options[name] ?? ""));
  if ((options.temperature ?? 0) > 0) given.push("temperature");
  if (options.fallback !== undefined) given.push("fallback");
  return given.length === 0 ? [] : [warning("option_ignored", `${why}: ${given.join(", ")} had no effect`)];
}

/**
 * A smaller agreement means that the two decoders disagree: by `npm run eval -- --doubt` that finds 99 % of the texts that
 * are more than half wrong, and no right text of a clean recording.
 */
export const agreementBound = 0.5;

/** The warning of two decoders that disagree, if they do; `similarity` is 0 to 1, undefined where there is no draft. */
export function disagreement(draft: string | undefined, similarity: number | undefined): Warning[] {
  if (similarity === undefined || similarity >= agreementBound) return [];
  const found =
    draft?.trim() === ""
      ? "the CTC branch finds no speech where the language model wrote a text"
      : `the language model's text and the CTC draft agree by ${Math.round(100 * similarity)} % only`;
  return [warning("disagreement", found)];
}
