/** A trie of words by their characters. Case, spaces and punctuation are ignored. */
import { hasEdgeSigns, spokenForms } from "./signs.ts";

export interface TrieNode {
  readonly children: Map<string, TrieNode>;
  /** The words that end here. */
  readonly words: string[];
}

/** Lower case, letters and digits only: the form in which labels and words are compared. */
export function fold(text: string): string {
  return text.toLowerCase().replaceAll(/[^\p{L}\p{N}\p{M}]/gu, "");
}

/** Like `fold`, but signs that may be spoken stay. */
function foldSigns(text: string): string {
  return text.toLowerCase().replaceAll(/[^\p{L}\p{N}\p{M}\-+−#$€£¥%°*@&.]/gu, "");
}

/** What is put into the trie for a word: with signs at its edges what is written and said, else its letters. */
function formsOf(word: string): string[] {
  return hasEdgeSigns(word) ? [foldSigns(word), ...spokenForms(word).map(fold)] : [fold(word)];
}

export function buildTrie(words: Iterable<string>): TrieNode {
  const root: TrieNode = { children: new Map(), words: [] };
  for (const word of new Set(words)) {
    for (const form of new Set(formsOf(word))) {
      let node = root;
      for (const character of form) {
        const next = node.children.get(character) ?? { children: new Map(), words: [] };
        node.children.set(character, next);
        node = next;
      }
      if (node !== root) node.words.push(word);
    }
  }
  return root;
}

/** The node after the text of a label: its signs count where a word continues with them. */
export function followLabel(
  from: TrieNode,
  label: string,
): { readonly node: TrieNode; readonly text: string } | undefined {
  for (const text of new Set([fold(label), foldSigns(label)])) {
    const node = text === "" ? undefined : follow(from, text);
    if (node !== undefined) return { node, text };
  }
  return undefined;
}

/** Whether a text contains a word, whatever its case and punctuation; signs at the word's edges must be there. */
export function containsWord(text: string, word: string): boolean {
  if (hasEdgeSigns(word)) return foldSigns(text).includes(foldSigns(word));
  return fold(text).includes(fold(word));
}

/** The node after these characters, or undefined where no word continues with them. */
export function follow(from: TrieNode, characters: string): TrieNode | undefined {
  let node: TrieNode | undefined = from;
  for (const character of characters) node = node?.children.get(character);
  return node;
}
