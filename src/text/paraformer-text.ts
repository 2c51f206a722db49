/**
 * Paraformer's tokens to text: pieces that end in `@@` continue in the next one, English words are separated by spaces,
 * Chinese characters are not, and letters spoken one by one become an abbreviation (i b m → IBM). FunASR's
 * sentence_postprocess, character by character, oddities included:
 * - An unfinished piece before a Chinese character moves to the next English word, or is lost at the end.
 * - A token that is neither Chinese nor a word (`&`) gets no space, and is lost between an English word and a Chinese
 *   character.
 *
 * Not followed: the original's list of times, in which every word after a dropped `<unk>` or `&` gets its neighbor's
 * time. Here each word has its tokens, and times are looked up by them.
 */

/** A word, or a Chinese character, and its tokens. */
export interface Word {
  readonly text: string;
  readonly first: number;
  readonly last: number;
}

interface JoinedTokens {
  readonly text: string;
  readonly words: readonly Word[];
}

/** The units of a sentence. */
type Item = Word | typeof space;
const space = " ";

const dropped = new Set(["<s>", "</s>", "<unk>", "<OOV>"]);

export function joinTokens(tokens: readonly string[]): JoinedTokens {
  const items = layOut(tokens);
  const words: Word[] = [];
  let text = "";
  for (let i = 0; i < items.length; i++) {
    const end = endOfAbbreviation(items, i);
    const item = end === i ? items[i]! : abbreviation(items.slice(i, end + 1));
    text += item === space ? space : item.text;
    if (item !== space) words.push(item);
    i = end;
  }
  return { text: text.trim(), words };
}

/**
 * Joins pieces to words, with a space after each English one unless a Chinese character follows. (The original has
 * separate code with the same result for lists that are all Chinese or all English.)
 */
function layOut(tokens: readonly string[]): Item[] {
  const items: Item[] = [];
  let pending = "";
  let pendingFirst: number | undefined;
  let afterEnglish = false;
  for (let i = 0; i < tokens.length; i++) {
    const text = tokens[i]!;
    if (dropped.has(text)) continue;
    if (isChinese(text)) {
      if (afterEnglish) items.pop();
      items.push({ text, first: i, last: i });
      pendingFirst = undefined;
      afterEnglish = false;
    } else if (text.includes("@@")) {
      pending += text.replaceAll("@@", "");
      pendingFirst ??= i;
      afterEnglish = false;
    } else if (isAlphabetic(text)) {
      items.push({ text: pending + text, first: pendingFirst ?? i, last: i }, space);
      pending = "";
      pendingFirst = undefined;
      afterEnglish = true;
    } else {
      items.push({ text, first: i, last: i });
    }
  }
  return items;
}

/** The last of the single letters that follow each other from item i on, or i. */
function endOfAbbreviation(items: readonly Item[], i: number): number {
  let end = i;
  while (isLetter(items[end]) && items[end + 1] === space && isLetter(items[end + 2])) end += 2;
  return end;
}

/** Two or more single letters in a row become one upper-case word. */
function abbreviation(items: readonly Item[]): Word {
  const letters = items.filter((item) => item !== space);
  return {
    text: letters.map(({ text }) => text.toUpperCase()).join(""),
    first: letters[0]!.first,
    last: letters.at(-1)!.last,
  };
}

/** Includes digits and `@`, but not rare ideographs beyond the first block. */
const isChinese = (token: string): boolean => /^[\u4e00-\u9fff0-9@]*$/.test(token);

const isAlphabetic = (token: string): boolean => /^(?:'|(?![\u4e00-\u9fff])\p{L})*$/u.test(token);

function isLetter(item: Item | undefined): boolean {
  return item !== undefined && item !== space && /^[A-Za-z]$/.test(item.text);
}
