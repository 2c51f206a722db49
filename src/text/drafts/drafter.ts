/**
 * The tokens that may come next in a language model's text, by another decoder's draft of the same speech: what follows the
 * place in the draft that the text has come to. The draft need not be right: wrong tokens cost time, never the text.
 */
import type { QwenTokenizer } from "../qwen-tokenizer.ts";
import { Utf8Stream } from "../utf8-stream.ts";
import { DraftCursor } from "./cursor.ts";

/** More characters than a token has, but for rare ones. */
const TOKEN_CHARACTERS = 8;

export class TextDrafter {
  readonly #tokenizer: QwenTokenizer;
  readonly #draft: readonly string[]; // characters
  readonly #cursor: DraftCursor;
  readonly #stream = new Utf8Stream();
  /** The number of tokens that the cursor has seen. */
  #seen = 0;

  constructor(draft: string, tokenizer: QwenTokenizer) {
    this.#tokenizer = tokenizer;
    this.#draft = Array.from(draft.normalize("NFC").trim());
    this.#cursor = new DraftCursor(this.#draft);
  }

  /** Up to `most` tokens that may follow those of the text so far; call by call the text grows. */
  propose(written: readonly number[], most: number): readonly number[] {
    for (; this.#seen < written.length; this.#seen++) {
      for (const character of this.#stream.push(this.#tokenizer.bytes(written[this.#seen]!)))
        this.#cursor.push(character);
    }
    const { at } = this.#cursor;
    const rest = this.#draft.slice(at, at + TOKEN_CHARACTERS * (most + 1)).join("");
    return this.#tokenizer.encode(rest, { specials: false }).slice(0, most);
  }
}
