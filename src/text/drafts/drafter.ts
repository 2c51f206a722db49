/**
 * The tokens that may come next in a language model's text, by another decoder's draft of the same speech: what follows the
 * place in the draft that the text has come to. The draft need not be right: wrong tokens cost time, never the text.
 */
import type { QwenTokenizer } from "../qwen-tokenizer.ts";
import { Utf8Stream } from "../utf8-stream.ts";
import { withChineseDigits } from "./chinese-numbers.ts";
import { DraftCursor, isMark } from "./cursor.ts";
import { withEnglishDigits } from "./english-numbers.ts";
import { endMark } from "./end-mark.ts";
import { afterMark, withNames } from "./spelling.ts";

/** More characters than a token has, but for rare ones. */
const TOKEN_CHARACTERS = 8;
/** Scripts without spaces between words. */
const UNSPACED = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u;
const SENTENCE_END = /[。！？.!?]/u;

export interface DraftStyle {
  /** Whether the text has numbers in digits. */
  readonly itn: boolean;
  /** The token that ends a text. */
  readonly endId: number;
}

export class TextDrafter {
  readonly #tokenizer: QwenTokenizer;
  readonly #endId: number;
  readonly #isSpaced: boolean;
  readonly #draft: readonly string[]; // characters
  readonly #cursor: DraftCursor;
  readonly #stream = new Utf8Stream();
  /** What the text has in place of a character of the draft and the one after it. */
  readonly #learnt = new Map<string, string>();
  /** The number of tokens that the cursor has seen. */
  #seen = 0;
  #last: string | undefined;

  constructor(draft: string, tokenizer: QwenTokenizer, { itn, endId }: DraftStyle) {
    this.#tokenizer = tokenizer;
    this.#endId = endId;
    const plain = draft.normalize("NFC").trim();
    this.#isSpaced = !UNSPACED.test(plain);
    const numbers = itn ? withChineseDigits(withEnglishDigits(plain)) : plain;
    this.#draft = Array.from(this.#isSpaced ? withNames(numbers, tokenizer) : numbers);
    this.#cursor = new DraftCursor(this.#draft);
  }

  /** Up to `most` tokens that may follow those of the text so far; call by call the text grows. */
  propose(written: readonly number[], most: number): readonly number[] {
    for (; this.#seen < written.length; this.#seen++) {
      for (const character of this.#stream.push(this.#tokenizer.bytes(written[this.#seen]!)))
        this.#read(character);
    }
    const { at } = this.#cursor;
    const end = Math.min(this.#draft.length, at + TOKEN_CHARACTERS * (most + 1));
    const rest = this.#spelled(at, end);
    const ends = end === this.#draft.length;
    if (ends && rest.trim() === "" && SENTENCE_END.test(this.#last ?? "")) return [this.#endId];
    const mark = ends ? endMark(this.#draft.join(""), this.#isSpaced) : "";
    const tokens = this.#tokenizer.encode(rest + mark, { specials: false });
    return [...tokens, ...(ends ? [this.#endId] : [])].slice(0, most);
  }

  /** Moves the place by the next character of the text. */
  #read(character: string): void {
    const { at } = this.#cursor;
    this.#cursor.push(character);
    const isOther = this.#cursor.at === at + 1 && !this.#cursor.matches(at, character);
    if (isOther && !this.#isSpaced && !isMark(character)) this.#learnt.set(this.#context(at), character);
    this.#last = character;
  }

  /** A part of the draft as the text would spell it. */
  #spelled(start: number, end: number): string {
    const characters = this.#draft.slice(start, end);
    if (this.#isSpaced) return afterMark(characters.join(""), this.#last);
    return characters.map((character, i) => this.#learnt.get(this.#context(start + i)) ?? character).join("");
  }

  #context(at: number): string {
    return this.#draft[at]! + (this.#draft[at + 1] ?? "");
  }
}
