/** Words by their characters, for walking along several at once. Case, spaces and punctuation do not count. */

export interface TrieNode {
  readonly children: Map<string, TrieNode>;
  /** The words that end here. */
  readonly words: string[];
}

/** What the recognizer's labels and a word have in common: lower case, letters and digits only. */
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

/** Where the characters lead, or undefined where no word goes on like that. */
export function follow(from: TrieNode, characters: string): TrieNode | undefined {
  let node: TrieNode | undefined = from;
  for (const character of characters) node = node?.children.get(character);
  return node;
}
