/** Text that a language model wrote, in one piece or in several that were generated one behind the other. */
import type { Generated } from "../decoding/generate.ts";
import type { QwenTokenizer } from "../text/qwen-tokenizer.ts";
import { Utf8Stream } from "../text/utf8-stream.ts";

/** Values of the tokens; without log probabilities or logits, these are empty. */
export interface WrittenText {
  readonly tokens: readonly number[];
  readonly logprobs: readonly number[];
  readonly endLogprob?: number | undefined;
  readonly logits: readonly Float32Array[]; // [V] each; one more with an end token
  /** The indices of the tokens with which a new piece begins. */
  readonly borders: readonly number[];
}

export function writtenText(
  { tokens, logprobs, endLogprob }: Generated,
  logits: readonly Float32Array[],
): WrittenText {
  return { tokens, logprobs, endLogprob, logits, borders: [] };
}

/** The text without its tokens from index `from` up to `to`. */
export function without(written: WrittenText, from: number, to: number): WrittenText {
  const rest = <Value>(values: readonly Value[]): Value[] => [...values.slice(0, from), ...values.slice(to)];
  const borders = written.borders.filter((border) => border <= from || border >= to);
  return {
    tokens: rest(written.tokens),
    logprobs: rest(written.logprobs),
    endLogprob: written.endLogprob,
    logits: rest(written.logits),
    borders: borders.map((border) => (border <= from ? border : border - (to - from))),
  };
}

/** The first `count` tokens of one text, then the other. */
export function followed(written: WrittenText, count: number, by: WrittenText): WrittenText {
  const both = <Value>(one: readonly Value[], other: readonly Value[]): Value[] => [
    ...one.slice(0, count),
    ...other,
  ];
  return {
    tokens: both(written.tokens, by.tokens),
    logprobs: both(written.logprobs, by.logprobs),
    endLogprob: by.endLogprob,
    logits: both(written.logits, by.logits),
    borders: [...written.borders.filter((border) => border < count), count],
  };
}

/** The text of the tokens, not cleaned, with spaces between the pieces where their script has them. */
export function spell(
  tokenizer: QwenTokenizer,
  { tokens, borders }: Pick<WrittenText, "tokens" | "borders">,
): string {
  const ends = [...borders, tokens.length];
  return ends
    .map((end, i) => tokenizer.decode(tokens.slice(i === 0 ? 0 : ends[i - 1], end)))
    .reduce((before, after) => before + spaceAfter(before, after) + after, "");
}

const UNSPACED =
  /[\s\u3000-\u303F\uFF00-\uFF65\p{sc=Han}\p{sc=Hira}\p{sc=Kana}\p{sc=Thai}\p{sc=Laoo}\p{sc=Khmr}\p{sc=Mymr}]$/u;

export function spaceAfter(before: string, after: string): string {
  return before === "" || after === "" || UNSPACED.test(before) || /^\s/u.test(after) ? "" : " ";
}

/** The text of each token; a character that several tokens spell belongs to the last of them. */
export function textsOf(tokenizer: QwenTokenizer, tokens: readonly number[]): string[] {
  const stream = new Utf8Stream();
  return tokens.map((id) => (tokenizer.isSpecial(id) ? "" : stream.push(tokenizer.bytes(id))));
}
