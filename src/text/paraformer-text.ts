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
  const kept = tokens
    .map((text, i) => ({ text, first: i, last: i }))
    .filter(({ text }) => !dropped.has(text));
  const items = mergeAbbreviations(layOut(kept));
  const text = items.map((item) => (item === space ? space : item.text)).join("");
  return { text: text.trim(), words: items.filter((item) => item !== space) };
}

/**
 * Joins pieces to words, with a space after each English one unless a Chinese character follows. (The original has
 * separate code with the same result for lists that are all Chinese or all English.)
 */
function layOut(tokens: readonly Word[]): Item[] {
  const items: Item[] = [];
  let pending = "";
  let pendingFirst: number | undefined;
  let afterEnglish = false;
  for (const token of tokens) {
    const characters = Array.from(token.text);
    if (characters.every(isChinese)) {
      if (afterEnglish) items.pop();
      items.push(token);
      pendingFirst = undefined;
      afterEnglish = false;
    } else if (token.text.includes("@@")) {
      pending += token.text.replaceAll("@@", "");
      pendingFirst ??= token.first;
      afterEnglish = false;
    } else if (characters.every(isAlphabetic)) {
      items.push({ text: pending + token.text, first: pendingFirst ?? token.first, last: token.last }, space);
      pending = "";
      pendingFirst = undefined;
      afterEnglish = true;
    } else {
      items.push(token);
    }
  }
  return items;
}

/** Two or more single letters in a row become one upper-case word. */
function mergeAbbreviations(items: readonly Item[]): Item[] {
  const merged: Item[] = [];
  for (let i = 0; i < items.length; i++) {
    const item = items[i]!;
    let end = i;
    while (isLetter(items[end]) && items[end + 1] === space && isLetter(items[end + 2])) end += 2;
    if (end === i) {
      merged.push(item);
      continue;
    }
    const letters = items.slice(i, end + 1).filter((each) => each !== space);
    merged.push({
      text: letters.map(({ text }) => text.toUpperCase()).join(""),
      first: letters[0]!.first,
      last: letters.at(-1)!.last,
    });
    i = end;
  }
  return merged;
}

/** Includes digits and `@`, but not rare ideographs beyond the first block. */
function isChinese(character: string): boolean {
  return /^[\u4e00-\u9fff0-9@]$/.test(character);
}

function isAlphabetic(character: string): boolean {
  return character === "'" || (/^\p{L}$/u.test(character) && !isChinese(character));
}

function isLetter(item: Item | undefined): boolean {
  return item !== undefined && item !== space && /^[A-Za-z]$/.test(item.text);
}
