/**
 * From the caller's hotwords to those of the prompt. A plain list of up to ten words goes into the prompt whole, as any
 * list does upstream; a longer one, or a `Hotwords` object, is searched for words that sound like a part of the CTC draft.
 * Where the draft is empty no words are offered: a language model would write them into the silence. A model that chooses
 * among the words itself (SeACo-Paraformer) is offered any list of up to a thousand words whole.
 */
import { UsageError } from "../errors.ts";
import type { CtcLabel, CtcScores, TopLabels } from "../decoding/ctc.ts";
import type { CtcTokens } from "../text/ctc-tokens.ts";
import { Hotwords } from "../text/hotwords/hotwords.ts";
import { applyHits, findInTopLabels } from "../text/hotwords/top-label-search.ts";
import type { DraftPiece, TopLabelHit } from "../text/hotwords/top-label-search.ts";
import { rounded } from "./shared.ts";
import { HOTWORD_SEARCHES } from "./options.ts";
import type { HotwordRequest } from "./options.ts";
import type { OfferedHotword } from "./result.ts";

/** The caller's hotwords and how they are searched, checked before anything is computed. */
export interface HotwordPlan {
  /** All words, where they are offered without a search. */
  readonly list: readonly string[] | undefined;
  /** The words to search otherwise, which also correct the text. */
  readonly searched: Hotwords | undefined;
  /** Whether words are searched among the best CTC labels. */
  readonly acoustic: boolean;
}

/** Most words of a plain list that is offered whole. */
const SHORT_LIST = 10;
/** Most words of any list that is offered whole to a model that chooses among them itself. */
const CHOSEN_LIST = 1000;
/** The number of best labels of a frame that are searched, as in Fun-ASR-GGUF. */
const TOP_LABELS = 20;

/** The number of best labels of a frame that a plan needs. */
export const labelsOf = ({ acoustic }: HotwordPlan): number => (acoustic ? TOP_LABELS : 1);

const none: HotwordPlan = { list: undefined, searched: undefined, acoustic: false };

/** `chooses`: whether the model itself chooses among many words. */
export function planHotwords(
  { hotwords, hotwordSearch = "auto" }: HotwordRequest,
  { chooses = false }: { readonly chooses?: boolean } = {},
): HotwordPlan {
  if (!HOTWORD_SEARCHES.includes(hotwordSearch))
    throw new UsageError("bad_option", "hotwordSearch", JSON.stringify(hotwordSearch), {
      wanted: HOTWORD_SEARCHES.join(", "),
    });
  if (hotwords === undefined) return none;
  const isWhole = (count: number, most: number): boolean =>
    hotwordSearch === "none" || (hotwordSearch === "auto" && count <= most);
  if (hotwords instanceof Hotwords) {
    if (chooses ? isWhole(hotwords.size, CHOSEN_LIST) : hotwordSearch === "none")
      return { list: hotwords.words, searched: hotwords, acoustic: false };
    return { list: undefined, searched: hotwords, acoustic: hotwordSearch === "ctc" };
  }
  if (!Array.isArray(hotwords) || hotwords.some((word) => typeof word !== "string"))
    throw new UsageError("bad_option", "hotwords", typeof hotwords, {
      wanted: "a list of strings, or a Hotwords object",
    });
  const words = hotwords.map((word: string) => word.trim()).filter((word) => word !== "");
  if (words.length === 0) return none;
  return {
    list: isWhole(words.length, chooses ? CHOSEN_LIST : SHORT_LIST) ? words : undefined,
    searched: searchable(words),
    acoustic: hotwordSearch === "ctc",
  };
}

/** The last plain list, so that a batch does not prepare ten thousand words again for each file. */
let lastList: { readonly words: readonly string[]; readonly hotwords: Hotwords } | undefined;

function searchable(words: readonly string[]): Hotwords {
  const same =
    lastList?.words.length === words.length && lastList.words.every((word, i) => word === words[i]);
  if (lastList === undefined || !same) lastList = { words: [...words], hotwords: new Hotwords(words) };
  return lastList.hotwords;
}

/** The output of the CTC branch. */
export interface DraftLabels {
  readonly text: string;
  readonly scores: Pick<CtcScores, "top">;
  readonly labels: readonly CtcLabel[];
}

/** A word for the prompt. */
export type Offer = Omit<OfferedHotword, "found">;

/** The words for the prompt, best first; none where the draft is empty. Without a draft a list is offered whole. */
export function offerHotwords(
  { list, searched, acoustic }: HotwordPlan,
  draft: DraftLabels | undefined,
  tokens: CtcTokens | undefined,
): Offer[] {
  if (draft?.text.trim() === "") return [];
  if (list !== undefined) return list.map((word) => ({ word, by: "list" }));
  if (searched === undefined || draft === undefined || tokens === undefined) return [];
  const hits = acoustic ? searchLabels(searched.words, draft.scores.top, tokens) : [];
  const offers: Offer[] = [
    ...hits
      .toSorted((a, b) => b.score - a.score)
      .map((hit): Offer => ({
        word: hit.word,
        by: "ctc",
        score: rounded(hit.score),
        heard: draftAt(hit, draft, tokens),
      })),
    ...offersByText(searched, draft.text),
  ];
  const seen = new Set<string>();
  return offers.filter(({ word }) => !seen.has(word) && seen.add(word)).slice(0, searched.max);
}

/** The words that sound like a part of the text, best first. */
export function offersByText(searched: Hotwords, text: string): Offer[] {
  return searched
    .explain(text)
    .filter(({ offered }) => offered)
    .map(({ word, score, heard }) => ({ word, by: "draft", score: rounded(score), heard }));
}

/** Searches the best labels of each frame for words. */
function searchLabels(words: readonly string[], top: TopLabels, tokens: CtcTokens): TopLabelHit[] {
  const textOf = (label: number): string | undefined => {
    const text = tokens.decode([label]);
    return text.includes("\uFFFD") ? undefined : text;
  };
  return findInTopLabels(top, words, { blank: tokens.blankId, textOf });
}

/** The draft with the words that were found among its best labels put in their places. */
export function draftWithHits(
  draft: DraftLabels,
  pieces: readonly DraftPiece[],
  { searched }: HotwordPlan,
  tokens: CtcTokens,
): string {
  const hits = searchLabels(searched?.words ?? [], draft.scores.top, tokens);
  if (hits.length === 0) return draft.text;
  return applyHits(pieces, hits)
    .map(({ text }) => text)
    .join("");
}

/** The draft's own labels in a hit's frames. */
function draftAt({ steps }: TopLabelHit, { labels }: DraftLabels, tokens: CtcTokens): string {
  const [first, last] = [steps[0]?.frame ?? 0, steps.at(-1)?.frame ?? -1];
  const covered = labels.filter(({ start, end }) => start <= last && end > first);
  return tokens.decode(covered.map(({ id }) => id)).trim();
}
