/**
 * How bad it is to end a cue or a line between two pieces: not at all behind a sentence, hardly behind a clause, most within
 * what belongs together (the house, 3 o'clock, Dr. Smith, a Chinese word).
 */
import { columnsOf } from "../columns.ts";
import { endsInAbbreviation } from "./abbreviations.ts";
import { edgesOf } from "./dictionary-words.ts";
import type { Edges } from "./dictionary-words.ts";
import {
  BEGINS_CLAUSE,
  BEGINS_PHRASE,
  ENDS_PHRASE,
  LEANS_A_LITTLE,
  LEANS_BACK,
  LEANS_FORWARD,
} from "./function-words.ts";

interface Written {
  readonly text: string;
  readonly spaced: boolean;
}

export const SENTENCE = 0;
export const CLAUSE = 3;
const BEFORE_CLAUSE = 7;
const BEFORE_PHRASE = 11;
const WORD = 16;
const TOGETHER = 24;
const LEANING = 34;
const WITHIN_WORD = 45;

const CLOSING = String.raw`[\p{Pe}\p{Pf}"'”’]`;
const SENTENCE_END = new RegExp(`[.。．!！?？…‥؟۔।॥]${CLOSING}{0,8}$`, "u");
const CLAUSE_END = new RegExp(`[,，、،;；؛:：—–]${CLOSING}{0,8}$`, "u");
const OPENS = /^[\p{Ps}\p{Pi}—–]/u;
const CLOSES = /[\p{Pe}\p{Pf}]$/u;
const CAPITAL = /^\p{Lu}/u;
const NUMBER = /^[\p{Nd}.,:%]+$/u;

/** The cost behind each piece. */
export function borderCosts(pieces: readonly Written[]): number[] {
  const edges = edgesOf(pieces.map(({ text, spaced }) => (spaced ? `${text} ` : text)));
  return pieces.map((piece, i) => {
    const next = pieces[i + 1];
    return next === undefined ? SENTENCE : cost(piece, next, edges[i]!, edges[i + 1]!);
  });
}

function cost(piece: Written, next: Written, { last, goesOn }: Edges, { first }: Edges): number {
  const tail = piece.text.slice(-TAIL);
  if (SENTENCE_END.test(tail)) return endsInAbbreviation(tail, next.text) ? LEANING : SENTENCE;
  if (CLAUSE_END.test(tail)) return CLAUSE;
  if (goesOn) return WITHIN_WORD;
  if (OPENS.test(next.text) || CLOSES.test(tail)) return BEFORE_CLAUSE;
  if (LEANS_FORWARD.has(last) || LEANS_BACK.has(first)) return LEANING;
  if (NUMBER.test(piece.text)) return piece.spaced ? TOGETHER : LEANING;
  if (LEANS_A_LITTLE.has(last) || (CAPITAL.test(piece.text) && CAPITAL.test(next.text))) return TOGETHER;
  if (BEGINS_CLAUSE.has(first) || (piece.spaced && columnsOf(piece.text.slice(-1)) === 2))
    return BEFORE_CLAUSE;
  if (BEGINS_PHRASE.has(first) || ENDS_PHRASE.has(last)) return BEFORE_PHRASE;
  return WORD;
}

/** Code units at the end of a piece in which its last sign is looked for: a piece may be of any length. */
const TAIL = 40;
