/**
 * Long texts in passes of some words through the network. Words behind the last sentence end of a pass are classified
 * again with those of the next, so that no decision is made without the words that follow. Source: FunASR's
 * CTTransformer.inference, which CTTransformerStreaming shares.
 */
import type { Marks } from "./marks.ts";

/** The class of the mark behind each of the words. */
export type Classify = (words: readonly string[]) => Promise<readonly number[]>;

/** Words, and the class of the mark behind each. */
export interface MarkedWords {
  readonly words: readonly string[];
  readonly marks: readonly number[];
}

/** Words of a text that is there, or that is still being written, in parts of any length. */
export type WordSource = Iterable<readonly string[]> | AsyncIterable<readonly string[]>;

/** New words of a pass, in the original. */
export const WORDS_PER_PASS = 20;
/** A pass of more words than this ends at its last comma, where no sentence ends in it. */
const LONG_PASS = 200;
/** A pass of this many words ends where it is, without any mark: the original's would grow with the text, and its work with the square. */
export const LONGEST_PASS = 1000;

/**
 * The final classes of words, in the parts of the passes that are final. A pass is computed when the word behind it is there,
 * or the end.
 */
export async function* classifyInPasses(
  words: WordSource,
  marks: Marks,
  classify: Classify,
  wordsPerPass = WORDS_PER_PASS,
): AsyncGenerator<MarkedWords> {
  let pass: string[] = []; // words that are not final yet, and new ones
  let added = 0;
  for await (const part of words) {
    for (const word of part) {
      if (added === wordsPerPass) {
        const classes = await classify(pass);
        const cut = findCut(classes, marks);
        const ended = classes.slice(0, cut.count);
        if (cut.replace) ended[cut.count - 1] = marks.end;
        if (cut.count > 0) yield { words: pass.slice(0, cut.count), marks: ended };
        [pass, added] = [pass.slice(cut.count), 0];
      }
      pass.push(word);
      added++;
    }
  }
  if (added > 0) yield { words: pass, marks: await classify(pass) };
}

/** How many words of a pass are final, and whether the mark behind the last of them becomes a full stop. */
function findCut(
  classes: readonly number[],
  marks: Marks,
): { readonly count: number; readonly replace: boolean } {
  let comma: number | undefined;
  // neither the first two words nor the last one
  for (let i = classes.length - 2; i > 1; i--) {
    if (marks.endsSentence(classes[i]!)) return { count: i + 1, replace: false };
    if (comma === undefined && marks.isComma(classes[i]!)) comma = i;
  }
  if (classes.length <= LONG_PASS) return { count: 0, replace: false };
  if (comma !== undefined) return { count: comma + 1, replace: true };
  return { count: classes.length < LONGEST_PASS ? 0 : classes.length, replace: false };
}
