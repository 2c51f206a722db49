/** The draft of Fun-ASR-Nano's CTC branch as the text of a result, and as pieces with times. */
import { frameSeconds } from "../decoding/ctc.ts";
import type { CtcTokens } from "../text/ctc-tokens.ts";
import type { TimedText } from "../text/timestamps/timed.ts";
import { draftWithHits } from "./hotwords.ts";
import type { HotwordPlan } from "./hotwords.ts";
import type { CtcReader, Draft } from "./nano-ctc-branch.ts";
import { draftParts, draftPieces } from "./nano-times.ts";
import type { RecognizeOptions } from "./options.ts";
import { withoutPrompt } from "./result.ts";
import type { Recognition } from "./result.ts";

export type DecodedText = Pick<Recognition, "text" | "tokens" | "logprobs" | "counts" | "warnings">;

/** The draft as the text. */
export function readDraft(
  draft: Draft,
  { tokens }: CtcReader,
  plan: HotwordPlan,
  { onToken }: RecognizeOptions,
): DecodedText {
  const text = plan.acoustic ? draftWithHits(draft, draftPieces(draft, tokens), plan, tokens) : draft.text;
  if (text !== "") onToken?.(text, 0);
  return { text, tokens: draft.ids, counts: withoutPrompt(draft.ids.length), warnings: [] };
}

/** The labels as text, in seconds; a character that several labels spell belongs to the last of them. */
export function spokenPieces(draft: Pick<Draft, "labels">, tokens: CtcTokens): TimedText[] {
  return draftParts(draft, tokens)
    .filter(({ text }) => text !== "<|nospeech|>")
    .map(({ text, start, end }) => ({ text, start: frameSeconds(start), end: frameSeconds(end) }));
}
