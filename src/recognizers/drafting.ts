/** Drafts of the language model's tokens by the CTC branch's text. */
import { TextDrafter } from "../text/drafts/drafter.ts";
import { Hotwords } from "../text/hotwords/hotwords.ts";
import type { PromptOptions } from "../text/prompt.ts";
import type { QwenTokenizer } from "../text/qwen-tokenizer.ts";
import type { RecognizeOptions } from "./options.ts";
import type { Arrival } from "./step-pool.ts";
import type { Drafting } from "./token-source.ts";

/** Tokens for a step where the caller gives no number: 3 cost little on every machine, 5 pay where most are right. */
const USUALLY = 3;
const AT_MOST = 5;
/** The similarity of sound at which a hotword of the prompt takes the place of the draft's own characters. */
const SAME_WORD = 0.7;

interface DraftRequest {
  readonly options: Pick<RecognizeOptions, "draft" | "draftTokens" | "hook">;
  readonly prompt: PromptOptions;
  /** The CTC branch's text, where there is one. */
  readonly draft: string | undefined;
  readonly given?: readonly number[] | undefined;
  readonly arrival?: Arrival | undefined;
}

/** The most tokens that are drafted for a step. */
export function mostDrafted({ draft, draftTokens }: Pick<RecognizeOptions, "draft" | "draftTokens">): number {
  return draft === "off" ? 0 : (draftTokens ?? AT_MOST);
}

/**
 * None without the CTC branch's text, with the option `draft` off, where tokens are given, where a hook must see each
 * step as it is without a draft, and where a step of the window's group has no room for drafted tokens.
 */
export function draftingOf(
  tokenizer: QwenTokenizer,
  endId: number,
  { options, given, draft, prompt, arrival }: DraftRequest,
): Drafting | undefined {
  if (draft === undefined || options.hook !== undefined || given !== undefined) return undefined;
  const most = Math.min(mostDrafted(options), arrival?.group.mostDrafted ?? Infinity);
  if (most === 0) return undefined;
  const usual = Math.min(options.draftTokens ?? USUALLY, most);
  const spoken = draft.replaceAll("<|nospeech|>", "");
  const words = prompt.hotwords ?? [];
  const text = words.length === 0 ? spoken : new Hotwords(words, { replace: SAME_WORD }).correct(spoken).text;
  const style = { itn: prompt.itn ?? true, endId };
  return { drafter: () => new TextDrafter(text, tokenizer, style), usual, most };
}
