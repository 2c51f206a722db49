/** The times of any text by the draft of Fun-ASR-Nano's CTC branch. */
import { frameSeconds } from "../decoding/ctc.ts";
import { alignLabels } from "../decoding/forced-align.ts";
import type { CtcTokens } from "../text/ctc-tokens.ts";
import type { DraftPiece } from "../text/hotwords/top-label-search.ts";
import { alignByEdit } from "../text/timestamps/edit-align.ts";
import { alignByCtc } from "../text/timestamps/forced-text.ts";
import { settle } from "../text/timestamps/timed.ts";
import type { TimedUnit } from "../text/timestamps/timed.ts";
import type { QwenTokenizer } from "../text/qwen-tokenizer.ts";
import { characterProbabilities } from "../text/token-probabilities.ts";
import { Utf8Stream } from "../text/utf8-stream.ts";
import { warning } from "../warnings.ts";
import type { Warning } from "../warnings.ts";
import type { Draft } from "./nano-ctc-branch.ts";
import type { AlignMethod } from "./options.ts";
import type { TimedToken } from "./result.ts";
import type { DraftPart } from "./spoken-loops.ts";
import { rounded } from "./shared.ts";
import { checkAlign } from "./times.ts";

/** The times of the labels of `text`, by forced alignment, as FunASR gives them. */
export async function labelTimes({ scores }: Draft, tokens: CtcTokens, text: string): Promise<TimedToken[]> {
  const ids = tokens.encode(text);
  const posteriors = await scores.of([...ids, tokens.blankId]);
  return alignLabels(posteriors, ids, tokens.blankId).map(({ id, start, end, score }) => ({
    text: tokens.decode([id]),
    start: frameSeconds(start),
    end: frameSeconds(end),
    score: rounded(score),
  }));
}

/** The times of the characters of `text`: by forced alignment, or by comparison with the draft. */
export async function characterTimes(
  draft: Draft,
  tokens: CtcTokens,
  text: string,
  align: AlignMethod = {},
): Promise<{ readonly units: readonly TimedUnit[]; readonly warnings: readonly Warning[] }> {
  const { method, offset } = checkAlign(align);
  const forced =
    method === "ctc-forced" ? await alignByCtc(text, draft.scores, tokens, { offset }) : undefined;
  const rough = forced ?? alignByEdit(text, draftPieces(draft, tokens), { offset });
  const approximate = method === "ctc-forced" && forced === undefined && text !== "";
  const found = "the text does not fit into the frames: its times are taken from the draft by comparison";
  return { units: settle(rough), warnings: approximate ? [warning("approximate_times", found)] : [] };
}

/** The draft's labels as text, with their times; a character that several labels spell belongs to the last of them. */
export function draftPieces(draft: Pick<Draft, "labels">, tokens: CtcTokens): DraftPiece[] {
  return draftParts(draft, tokens).map(({ text, start }) => ({ text, start: frameSeconds(start) }));
}

/** The same with the rows of the encoder that they span. */
export function draftParts({ labels }: Pick<Draft, "labels">, tokens: CtcTokens): DraftPart[] {
  const stream = new Utf8Stream();
  return labels.map(({ id, start, end }) => ({ text: stream.push(tokens.bytes(id)), start, end }));
}

/** The units with the language model's probability of each; `tokens` are those that it wrote. */
export function withProbabilities(
  units: readonly TimedUnit[],
  tokenizer: QwenTokenizer,
  tokens: readonly number[],
  logprobs: readonly number[],
): TimedUnit[] {
  const text = units.map((unit) => unit.text).join("");
  const written = tokens.flatMap((id, i) =>
    tokenizer.isSpecial(id) ? [] : [{ bytes: tokenizer.bytes(id), logprob: logprobs[i]! }],
  );
  const probabilities = characterProbabilities(text, written);
  return units.map((unit, i) => ({ ...unit, probability: rounded(probabilities[i]!) }));
}
