/** Changed values of a model's keys, and which of them may leave a result as it is or change it, with the reasons. */
import { expect } from "vitest";
import type { MetadataValue } from "../../../src/checkpoints/checkpoint.ts";
import { TensorsError } from "../../../src/errors.ts";
import type { FunAsrError } from "../../../src/errors.ts";

/** Throws unless the error has its place, what was found and what was wanted. */
export function expectComplete(error: FunAsrError): void {
  expect(error.where).not.toBe("");
  if (error instanceof TensorsError) expect(error.problems.length).toBeGreaterThan(0);
  else expect(error.message).toMatch(/^.+: .+; wanted \S/su);
}

/** Other values of a key: wrong ones, odd ones and ones of other types. */
export function changesOf(value: MetadataValue): readonly MetadataValue[] {
  if (typeof value === "number") {
    const odd = [0, -1, NaN, Infinity, 1e300, Number.MAX_SAFE_INTEGER, "text", true, [value]];
    return [value + 1, value * 2, value / 2, value + 0.25, ...odd];
  }
  if (typeof value === "string") return [`${value}x`, "", 5, true, [value]];
  if (typeof value === "boolean") return [!value, "text", 1, [value]];
  const items = value as MetadataValue[];
  return [
    items.slice(0, -1),
    [...items, items[0]],
    [],
    [...items.slice(1), 5],
    [...items.slice(1), "text"],
    items.toReversed(),
    "text",
    5,
  ] as MetadataValue[];
}

export const shown = (value: MetadataValue | undefined): string =>
  value === undefined
    ? "absent"
    : (typeof value === "number" ? `${value}` : JSON.stringify(value)).slice(0, 40);

/** Keys that describe the file, and nothing is computed from. */
export const described = /^general\.(?!architecture$)/u;

export type Listed = readonly (readonly [key: RegExp, why: string])[];

/** Keys that may be left out: the default is the value of the published models. */
export const optional: Listed = [
  [/\.frontend\.\w+$/u, "the published front end"],
  [/^tokenizer\.ggml\.(?:model|pre)$/u, "each architecture has one kind of vocabulary"],
  [/^tokenizer\.ggml\.(?:eos|padding)_token_id$/u, "the entry of the vocabulary by its name"],
  [/^tokenizer\.ggml\.token_type$/u, "control tokens by their names"],
  [/^tokenizer\.ggml\.add_bos_token$/u, "no Qwen3 has such a token"],
  [/tie_word_embeddings$/u, "the tensors say it"],
];

/** Keys whose other values leave the result of this clip as it is. */
export const silent: Listed = [
  [/llm\.context_length$/u, "a limit, which the clip is far from"],
  [/predictor\.tail_threshold$/u, "decides whether a last token fires"],
  [/^tokenizer\.ggml\.(?:token_type|merges)$/u, "entries that the texts here do not need"],
  [/predictor\.(?:smooth_factor|noise_threshold)2$/u, "moves times by less than a row"],
  [/padding_token_id$/u, "nothing is padded"],
  [
    /^paraformer\.seaco\.(?:no_bias_id|attention_heads|num_blocks)$/u,
    "of the bias towards hotwords, which the clip has none of; no tensor shows these",
  ],
];

/** Keys whose other values describe another model that is computed as well: no tensor or key of the file contradicts. */
export const effects: Listed = [
  [/frontend\.frame_length_ms$/u, "frames of any length, as the front end of PyTorch computes them"],
  [/attention_heads$/u, "the shapes of the weights do not depend on the number of heads"],
  [/use_low_frame_rate$/u, "the LLM gets an eighth of the rows, or all"],
  [/ctc\.blank_id$/u, "any label may be the blank"],
  [/llm\.(?:rope_freq_base|rms_norm_eps)$/u, "constants of the arithmetic"],
  [
    /predictor\.(?:tail_threshold|smooth_factor|noise_threshold)$/u,
    "constants of the arithmetic; too many tokens",
  ],
  [/decoder\.sanm_shift$/u, "the memory looks further into the past"],
  [/^(?:tokenizer\.ggml|fun-asr-nano\.ctc)\.tokens$/u, "another vocabulary of the same size"],
  [/^tokenizer\.ggml\.(?:token_type|merges)$/u, "the prompt is split in another way"],
];

export const isListed = (list: Listed, key: string): boolean => list.some(([pattern]) => pattern.test(key));
