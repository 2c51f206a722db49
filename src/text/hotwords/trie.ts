/** A trie of words by their characters. Case, spaces and punctuation are ignored. */

export interface TrieNode {
  readonly children: Map<string, TrieNode>;
  /** The words that end here. */
  readonly words: string[];
}

/** Lower case, letters and digits only: the form in which labels and words are compared. */
export function fold(text: string): string {
  return text.toLowerCase().replaceAll(/[^\p{L}\p{N}\p{M}]/gu, "");
}

export function buildTrie(words: Iterable<string>): TrieNode {
  const root: TrieNode = { children: new Map(), words: [] };
  for (const word of new Set(words)) {
    let node = root;
    for (const character of fold(word)) {
      const next = node.children.get(character) ?? { children: new Map(), words: [] };
      node.children.set(character, next);
      node = next;
    }
    if (node !== root) node.words.push(word);
  }
  return root;
}

/** The node after these characters, or undefined where no word continues with them. */
export function follow(from: TrieNode, characters: string): TrieNode | undefined {
  let node: TrieNode | undefined = from;
  for (const character of characters) node = node?.children.get(character);
  return node;
}
