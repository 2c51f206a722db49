/** The numbers of words in a model's vocabulary. Source: FunASR's TokenIDConverter. */
import { ModelFormatError } from "../../errors.ts";

const UNKNOWN = "<unk>";

export class WordIds {
  readonly #ids: ReadonlyMap<string, number>;
  readonly #unknown: number;

  /** `source` is the vocabulary's name in messages. Throws `bad_tokenizer` for one that the original refuses. */
  constructor(words: readonly string[], size: number, source: string) {
    const refuse = (found: string, wanted: string): ModelFormatError =>
      new ModelFormatError("bad_tokenizer", source, found, { wanted });
    if (words.length !== size) throw refuse(`${words.length} words`, `${size}`);
    this.#ids = new Map(words.map((word, id) => [word, id]));
    if (this.#ids.size !== size) throw refuse("a word twice", "every word once");
    const unknown = this.#ids.get(UNKNOWN);
    if (unknown === undefined) throw refuse(`no ${UNKNOWN}`, "the unknown word");
    this.#unknown = unknown;
  }

  /** Case matters, as in the original. */
  of(words: readonly string[]): number[] {
    return words.map((word) => this.#ids.get(word) ?? this.#unknown);
  }
}
