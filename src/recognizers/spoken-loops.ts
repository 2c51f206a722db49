/**
 * Loops in the language model's text, judged by the CTC draft: as many passes stay as were spoken; where the draft goes on
 * and the text does not, it is to be generated again from there. Without a draft one pass stays.
 */
import type { JudgeLoop, LoopVerdict } from "../decoding/greedy.ts";
import { repetitions } from "../decoding/loops.ts";
import type { Loop, Repetition } from "../decoding/loops.ts";
import { agreement } from "../text/agreement.ts";
import { fold } from "../text/hotwords/trie.ts";
import { atPhraseBorder, phraseEnds, sameInLoop } from "../text/phrase-border.ts";
import { spokenPasses, spokenPieces } from "../text/spoken-passes.ts";
import { agreementBound } from "./shared.ts";

/** A label of the draft and its encoder rows. */
export interface DraftPart {
  readonly text: string;
  readonly start: number;
  /** The first row after it. */
  readonly end: number;
}

/** Where the draft goes on and the text does not. */
export interface Restart {
  /** The encoder row from which the text is to be generated again. */
  readonly row: number;
  /** The draft from there, not folded. */
  readonly draft: string;
}

/** How much of a text the draft has. */
interface SpokenText {
  /** Tokens before this index stay. */
  readonly keep: number;
  readonly restart?: Restart;
}

/** What is wrong with the text at a loop. */
interface LoopFault {
  /** The index after the loop's last token. */
  readonly end: number;
  /** Whether at least one of its passes was spoken. */
  readonly spoken: boolean;
  /** Tokens before this index stay. */
  readonly keep: number;
  /** Tokens between `keep` and this index were not spoken. */
  readonly resume: number;
  /** Where the text is to be generated again from the index `rest` on, if it is. */
  readonly rest: number;
  readonly restart?: Restart;
}

/**
 * A repetition that is too short for a loop is compared with the draft where that has this many passes, through a phrase
 * of this many tokens.
 */
const FEWEST_PASSES = 4;
const SHORTEST_PHRASE = 3;
/** The rows of 60 ms that a sound goes on for behind its label; speech in a longer gap may have no label. */
const LONGEST_END = 4;
/** A label without a sound. */
const NO_SPEECH = "<|nospeech|>";
/** Fewer characters of the draft, behind the text, may be noise. */
const FEWEST_LOST = 3;

export class SpokenLoops {
  readonly #textsOf: (tokens: readonly number[]) => readonly string[];
  readonly #draft: readonly DraftPart[] | undefined;
  /** The draft's folded characters, and the index of the part of each. */
  readonly #characters: string[] = [];
  readonly #parts: number[] = [];

  /** `textsOf` gives the text of each token; a character that several tokens spell belongs to the last of them. */
  constructor(
    textsOf: (tokens: readonly number[]) => readonly string[],
    draft: readonly DraftPart[] | undefined,
  ) {
    this.#textsOf = textsOf;
    this.#draft = draft;
    for (const [i, { text }] of (draft ?? []).entries()) {
      if (text === NO_SPEECH) continue;
      for (const character of fold(text.normalize("NFC"))) {
        this.#characters.push(character);
        this.#parts.push(i);
      }
    }
  }

  /** The same for a text of the encoder's rows from `row` on. */
  from(row: number): SpokenLoops {
    return new SpokenLoops(
      this.#textsOf,
      this.#draft?.filter(({ start }) => start >= row),
    );
  }

  /** The same by another draft. */
  replaced(draft: readonly DraftPart[]): SpokenLoops {
    return new SpokenLoops(this.#textsOf, draft);
  }

  /**
   * A judge of the loops of one text while it is generated: a loop may go on for as long as it was spoken, and is cut if
   * it goes on for longer.
   */
  judge(): JudgeLoop {
    const known = new Map<string, LoopVerdict>();
    return (tokens, loop) => {
      const key = `${loop.start} ${loop.length}`;
      const verdict = known.get(key) ?? this.#verdict(this.#textsOf(tokens), loop);
      known.set(key, verdict);
      return verdict;
    };
  }

  /** The first fault of a text at a repetition that ends after the token `settled`; `cut` is the loop that it was cut in. */
  fault(tokens: readonly number[], settled: number, cut: Loop | undefined): LoopFault | undefined {
    if (this.#draft === undefined) return undefined;
    const texts = this.#textsOf(tokens);
    const last = cut === undefined ? [] : [keptOf(cut, tokens.length)];
    for (const found of [...repetitions(numbered(tokens, texts)), ...last]) {
      const { end, isLoop } = found;
      if (end <= settled) continue;
      const loop = atPhraseBorder(texts, found);
      const { start, length } = loop;
      const all = this.#spoken(texts, loop);
      if (!all.certain) continue;
      const written = Math.floor(Math.max(0, end - start) / length);
      const passes = this.#spoken(texts, loop, written);
      const fault = {
        end,
        spoken: passes.count > 0,
        keep: start + passes.count * length,
        resume: start + written * length,
      };
      const { resume, keep } = fault;
      const differs = length >= SHORTEST_PHRASE && all.count >= FEWEST_PASSES && all.count !== written;
      if (isLoop || differs) {
        if (all.count > written) {
          const restart = this.#restart(passes.end);
          if (restart !== undefined) return { ...fault, rest: resume, restart };
        } else {
          const rest = this.#spokenText(texts, keep, resume);
          if (rest.restart !== undefined) return { ...fault, rest: rest.keep, restart: rest.restart };
        }
      }
      if (isLoop && fault.spoken && keep < resume) return { ...fault, rest: resume };
    }
    return undefined;
  }

  /** How much of a text of these rows the draft has, and where the draft goes on. */
  spokenText(tokens: readonly number[]): SpokenText {
    return this.#spokenText(this.#textsOf(tokens), 0, 0);
  }

  /** The number of characters of the draft, without spaces and punctuation. */
  get length(): number {
    return this.#characters.length;
  }

  /** The tokens before `before` are the text in front of those from `from` on. */
  #spokenText(texts: readonly string[], before: number, from: number): SpokenText {
    const ends = phraseEnds(texts, from);
    const pieces = ends.map((end, i) => texts.slice(i === 0 ? from : ends[i - 1], end).join(""));
    const { count, end, left, isOther } = spokenPieces(
      texts.slice(0, before).join(""),
      pieces,
      this.#characters,
    );
    const keep = count === 0 ? from : ends[count - 1]!;
    const restart = this.#restart(end);
    const rest = pieces.slice(count).join("");
    if (restart === undefined) return { keep: texts.length };
    const differs =
      fold(rest) === "" ? left >= FEWEST_LOST : isOther || agreement(rest, restart.draft) < agreementBound;
    return differs ? { keep, restart } : { keep: texts.length };
  }

  #verdict(texts: readonly string[], loop: Loop): LoopVerdict {
    const { start, length } = atPhraseBorder(texts, loop);
    const { count, certain } = this.#spoken(texts, { start, length });
    if (certain && count > 0)
      return { keep: start + count * length, until: start + (count + 1) * length, spoken: true };
    // One pass, or the part of it before the border.
    return { keep: start > loop.start ? start : start + length, until: 0, spoken: false };
  }

  #spoken(texts: readonly string[], { start, length }: Loop, most?: number): ReturnType<typeof spokenPasses> {
    const phrase = texts.slice(start, start + length).join("");
    return spokenPasses(texts.slice(0, start).join(""), phrase, this.#characters, most);
  }

  /** The draft from its character `count` on, and the encoder row in front of it; undefined where there is little. */
  #restart(count: number): Restart | undefined {
    if (this.#characters.length - count < FEWEST_LOST) return undefined;
    const at = this.#parts[count]!;
    const next = this.#draft![at]!;
    const before = count === 0 ? 0 : this.#draft![this.#parts[count - 1]!]!.end;
    const draft = this.#draft!.slice(at).map(({ text }) => text);
    return {
      row: Math.min(next.start, before + LONGEST_END, Math.ceil((before + next.start) / 2)),
      draft: draft.join("").replaceAll(NO_SPEECH, "").trim(),
    };
  }
}

/** Numbers for the tokens, equal where their texts differ in case, spaces or punctuation only. */
function numbered(tokens: readonly number[], texts: readonly string[]): number[] {
  const numbers = new Map<string, number>();
  return texts.map((text, i) => {
    const key = sameInLoop(text) || `#${text === "" ? tokens[i]! : ""}`;
    const number = numbers.get(key) ?? numbers.size;
    numbers.set(key, number);
    return number;
  });
}

/**
 * What is left of a loop in a text of `end` tokens: the text may end in front of where the loop was found, since the
 * loop's first pass, in other case, may have begun earlier.
 */
function keptOf({ start, length }: Loop, end: number): Repetition {
  return { start: Math.max(0, Math.min(start, end - length)), length, end, isLoop: true };
}
