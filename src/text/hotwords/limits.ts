/**
 * Bounds of the search for hotwords. Each of its steps takes the product of a text's length and the words', so the work of a
 * search is bounded, far above what a list of ten thousand words and a transcript of an hour take.
 */
import { UsageError } from "../../errors.ts";

/** Characters of a word: more than a sentence has. */
const MOST_WORD = 300;
/** Words of a list. */
const MOST_WORDS = 40_000;
/** Characters of a text: the speech of some hours. */
const MOST_TEXT = 2 ** 17;
/** Steps of the first stage: words of 32 sounds, times the sounds of the text. */
const MOST_STEPS = 2 ** 30;
/** Cells of the second stage: sounds of a candidate times those of the text. */
const MOST_CELLS = 2 ** 28;

export function checkWord(word: string): void {
  if (word.length > MOST_WORD)
    throw new UsageError(
      "bad_option",
      "hotwords",
      `${JSON.stringify(word.slice(0, 40))}…, ${word.length} characters`,
      {
        wanted: `words of at most ${MOST_WORD} characters`,
      },
    );
}

/** The words themselves. */
export function checkCount(words: ReadonlySet<string>): ReadonlySet<string> {
  if (words.size > MOST_WORDS)
    throw new UsageError("bad_option", "hotwords", `${words.size} words`, {
      wanted: `at most ${MOST_WORDS}`,
    });
  return words;
}

/** The text itself. */
export function checkText(text: string): string {
  if (text.length > MOST_TEXT) throw tooMuch(`a text of ${text.length} characters`);
  return text;
}

export function checkSteps(steps: number): void {
  if (steps > MOST_STEPS) throw tooMuch("too many words for a text of this length");
}

export function checkCells(cells: number): void {
  if (cells > MOST_CELLS) throw tooMuch("too long words for a text of this length");
}

function tooMuch(found: string): UsageError {
  return new UsageError("bad_option", "hotwords", found, {
    wanted: `a text of at most ${MOST_TEXT} characters, shorter with many words`,
    remedy: "Search a long text in parts",
  });
}
