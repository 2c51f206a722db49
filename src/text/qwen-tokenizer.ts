/**
 * Qwen's tokenizer: byte-level BPE over NFC text, from the arrays of a GGUF file under `tokenizer.ggml`.
 *
 * The pre-tokenizer pattern is part of this file (that of Qwen2's tokenizer.json); a pattern in a model file is
 * untrusted and never used. `@huggingface/tokenizers` (one of two oracles in the tests) lacks three things that are
 * needed here: the bytes of a token, for exact streaming; special strings in a user's words treated as plain text; and
 * one BPE for both vocabularies.
 *
 * Refuses a vocabulary that is not complete: a byte without a token, a merge of or into an unknown token, two
 * tokens with the same text.
 */
import { ModelFormatError } from "../errors.ts";
import { bytePairEncode } from "./bpe.ts";
import { BYTE_CHARACTERS, fromByteLevel, isByteLevel, toByteLevel } from "./byte-level.ts";
import { decodeUtf8 } from "./utf8-stream.ts";

/** `tokenizer.ggml.*` of a GGUF. */
export interface QwenVocabulary {
  readonly tokens: readonly string[];
  /** "left right", in order of rank. */
  readonly merges: readonly string[];
  /** GGUF's token types. Without them, a token that is neither a byte nor the result of a merge is an added token. */
  readonly tokenTypes?: readonly number[] | undefined;
}

interface EncodeOptions {
  /** Whether `<|im_end|>` and the like stand for their token (in a template) or their characters (in a user's words). */
  readonly specials: boolean;
}

interface DecodeOptions {
  /** Leaves control tokens out. Added tokens such as `<think>` are not control tokens and stay. */
  readonly skipSpecial?: boolean;
}

/** The values of GGUF's `tokenizer.ggml.token_type` that are used here. */
const NORMAL = 1;
const CONTROL = 3;
const USER_DEFINED = 4;
const UNUSED = 5;
const LAST_TYPE = 6;

/**
 * Qwen2's pattern: contractions | letters with one character before them | one number | other characters | spaces.
 * `(?i:…)` is written out, with the long s that folds to s; `\s` is Unicode's White_Space, as in the original.
 */
const PIECES =
  /'(?:[sSſ]|[tT]|[rR][eE]|[vV][eE]|[mM]|[lL][lL]|[dD])|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\p{White_Space}\p{L}\p{N}]+[\r\n]*|\p{White_Space}*[\r\n]+|\p{White_Space}+(?!\P{White_Space})|\p{White_Space}+/gu;

const NO_BYTES = new Uint8Array(0);

export class QwenTokenizer {
  readonly #tokens: readonly string[];
  readonly #types: readonly number[];
  readonly #idOf = new Map<string, number>();
  readonly #mergeRank = new Map<string, number>();
  readonly #where: string;
  readonly #addedIn: ReturnType<typeof finder>;

  constructor(vocabulary: QwenVocabulary, where = "tokenizer.ggml") {
    this.#where = where;
    this.#tokens = vocabulary.tokens;
    this.#index();
    this.#readMerges(vocabulary.merges);
    this.#types = vocabulary.tokenTypes ?? guessTypes(vocabulary);
    this.#checkTypes();
    this.#addedIn = finder(this.#tokens.filter((_, id) => this.#isAdded(id)));
  }

  /** The number of token ids with a text. The model may have more rows. */
  get size(): number {
    return this.#tokens.length;
  }

  /** The id of a token such as `<|im_start|>`. */
  id(name: string): number {
    const id = this.#idOf.get(name);
    if (id === undefined) throw this.#bad(`there is no token ${name}`, "the control tokens of Qwen");
    return id;
  }

  /** Whether the id is a control token, which is never part of a text. */
  isSpecial(id: number): boolean {
    return this.#types[id] === CONTROL;
  }

  /** The bytes of a token: its UTF-8 may begin or end inside a character. Empty for ids without a text. */
  bytes(id: number): Uint8Array {
    const token = this.#tokens[id];
    if (token === undefined || this.#types[id] === UNUSED) return NO_BYTES;
    return (this.#isAdded(id) ? undefined : fromByteLevel(token)) ?? new TextEncoder().encode(token);
  }

  encode(text: string, { specials }: EncodeOptions): number[] {
    if (!specials) return this.#encodePlain(text);
    const ids: number[] = [];
    let start = 0;
    for (const { token, index } of this.#addedIn(text)) {
      this.#encodePlain(text.slice(start, index), ids);
      ids.push(this.id(token));
      start = index + token.length;
    }
    return this.#encodePlain(text.slice(start), ids);
  }

  decode(ids: Iterable<number>, { skipSpecial = true }: DecodeOptions = {}): string {
    const shown = [...ids].filter((id) => !(skipSpecial && this.isSpecial(id)));
    return decodeUtf8(shown.map((id) => this.bytes(id)));
  }

  /** Appends to `ids`, and returns them. */
  #encodePlain(text: string, ids: number[] = []): number[] {
    for (const [piece] of text.normalize("NFC").matchAll(PIECES)) {
      const symbols = bytePairEncode(toByteLevel(piece), (l, r) => this.#mergeRank.get(`${l} ${r}`));
      for (const symbol of symbols) ids.push(this.id(symbol));
    }
    return ids;
  }

  #isAdded(id: number): boolean {
    return this.#types[id] === CONTROL || this.#types[id] === USER_DEFINED;
  }

  #index(): void {
    for (const [id, token] of this.#tokens.entries()) {
      const other = this.#idOf.get(token);
      if (other !== undefined)
        throw this.#bad(`tokens ${other} and ${id} are both ${JSON.stringify(token)}`, "each token once");
      this.#idOf.set(token, id);
    }
    for (const [byte, character] of BYTE_CHARACTERS.entries()) {
      if (!this.#idOf.has(character)) throw this.#bad(`no token stands for byte ${byte}`, "all 256 bytes");
    }
  }

  /** Plain loops here and below: a model has 300,000 tokens and merges, and they are read in every load. */
  #readMerges(merges: readonly string[]): void {
    const idOf = this.#idOf;
    const rankOf = this.#mergeRank;
    for (let rank = 0; rank < merges.length; rank++) {
      const merge = merges[rank]!;
      const space = merge.indexOf(" ", 1);
      const right = merge.slice(space + 1);
      if (space < 0 || right === "" || right.includes(" "))
        throw this.#bad(`merge ${rank} is ${JSON.stringify(merge)}`, "two tokens and a space between them");
      const left = merge.slice(0, space);
      const joined = left + right;
      if (!(idOf.has(left) && idOf.has(right) && idOf.has(joined))) {
        const unknown = [left, right, joined].find((token) => !idOf.has(token));
        const found = `merge ${rank} needs ${JSON.stringify(unknown)}, not a token`;
        throw this.#bad(found, "merges of tokens into a token");
      }
      rankOf.set(merge, rank);
      if (rankOf.size === rank)
        throw this.#bad(`merge ${rank} repeats ${JSON.stringify(merge)}`, "each merge once");
    }
  }

  #checkTypes(): void {
    if (this.#types.length !== this.#tokens.length) {
      const lengths = `${this.#types.length} token types for ${this.#tokens.length} tokens`;
      throw this.#bad(lengths, "one type for each token");
    }
    for (let id = 0; id < this.#types.length; id++) {
      const type = this.#types[id]!;
      if (!(type >= NORMAL && type <= LAST_TYPE)) throw this.#bad(`token ${id} has type ${type}`, "1 to 6");
      const token = this.#tokens[id]!;
      if (token === "") throw this.#bad(`token ${id} is empty`, "a text for each token");
      if (type === NORMAL && !isByteLevel(token))
        throw this.#bad(`token ${id}, ${JSON.stringify(token)}, has other characters`, "the byte alphabet");
    }
  }

  #bad(found: string, wanted: string): ModelFormatError {
    return new ModelFormatError("bad_tokenizer", this.#where, found, { wanted });
  }
}

/** For files without types: bytes and merges are the vocabulary, `<|…|>` control tokens, all others added tokens. */
function guessTypes({ tokens, merges }: QwenVocabulary): number[] {
  const made = new Set([...BYTE_CHARACTERS, ...merges.map((merge) => merge.replace(" ", ""))]);
  return tokens.map((token) => {
    if (made.has(token)) return NORMAL;
    if (/^<\|.*\|>$/su.test(token)) return CONTROL;
    return /^\[PAD\d+\]$/u.test(token) ? UNUSED : USER_DEFINED;
  });
}

/** Finds the longest of the strings at the leftmost position, one after the other. */
function finder(
  strings: readonly string[],
): (text: string) => Iterable<{ readonly token: string; readonly index: number }> {
  const byStart = new Map<string, string[]>();
  for (const string of strings.toSorted((a, b) => b.length - a.length)) {
    const start = string.charAt(0);
    byStart.set(start, byStart.get(start) ?? []);
    byStart.get(start)!.push(string);
  }
  return function* find(text) {
    for (let index = 0; index < text.length;) {
      const token = byStart.get(text.charAt(index))?.find((string) => text.startsWith(string, index));
      if (token !== undefined) yield { token, index };
      index += token?.length ?? 1;
    }
  };
}
