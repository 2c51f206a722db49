/** The probability of each character of a language model's text: that of its least probable token. */
import { decodeUtf8 } from "./utf8-stream.ts";

interface SpokenToken {
  readonly bytes: Uint8Array;
  readonly logprob: number;
}

/**
 * A probability for each character (code point) of `text`, which is the text of the tokens with parts left out
 * (`postprocess.ts`, trimming); a character that is in no token gets the probability of its successor.
 */
export function characterProbabilities(text: string, tokens: readonly SpokenToken[]): number[] {
  const spelled = Array.from(decodeUtf8(tokens.map(({ bytes }) => bytes)));
  const logprobs = tokens.flatMap(({ bytes, logprob }) => Array.from(bytes, () => logprob));
  const utf8 = new TextEncoder();
  let at = 0;
  const perCharacter = spelled.map((character) => {
    const length = character === "\uFFFD" ? 1 : utf8.encode(character).length;
    return Math.min(...logprobs.slice(at, (at += length)));
  });

  let next = 0;
  return Array.from(text, (character) => {
    const found = spelled.indexOf(character, next);
    const index = found < 0 ? Math.min(next, spelled.length - 1) : found;
    if (found >= 0) next = found + 1;
    return Math.exp(perCharacter[index] ?? 0);
  });
}
