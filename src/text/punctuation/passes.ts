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

/** New words of a pass, in the original. */
export const WORDS_PER_PASS = 20;
/** A pass of more words than this ends at its last comma, where no sentence ends in it. */
const LONG_PASS = 200;

/** The final classes of words, in as many parts as there are passes; parts may be empty. */
export async function* classifyInPasses(
  words: readonly string[],
  marks: Marks,
  classify: Classify,
  wordsPerPass = WORDS_PER_PASS,
): AsyncGenerator<MarkedWords> {
  let pending: readonly string[] = [];
  for (let start = 0; start < words.length; start += wordsPerPass) {
    const pass = [...pending, ...words.slice(start, start + wordsPerPass)];
    const classes = await classify(pass);
    if (start + wordsPerPass >= words.length) {
      yield { words: pass, marks: classes };
      return;
    }
    const cut = findCut(classes, marks);
    const ended = classes.slice(0, cut.count);
    if (cut.replace) ended[cut.count - 1] = marks.end;
    pending = pass.slice(cut.count);
    yield { words: pass.slice(0, cut.count), marks: ended };
  }
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
  if (comma === undefined || classes.length <= LONG_PASS) return { count: 0, replace: false };
  return { count: comma + 1, replace: true };
}
