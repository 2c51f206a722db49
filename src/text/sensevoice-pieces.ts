/**
 * SenseVoice's vocabulary: the pieces of a SentencePiece model, tags such as `<|zh|>` included. Pieces
 * without scores: enough to decode text, not to encode it.
 */
import { ModelFormatError } from "../errors.ts";
import { isTag } from "./sensevoice-text.ts";

/** Pieces that are never text. */
const control = new Set(["<s>", "</s>", "<pad>"]);
/** What SentencePiece writes for `<unk>`. */
const unknown = " ⁇ ";

export class SenseVoicePieces {
  readonly #pieces: readonly string[];

  /** Throws `bad_tokenizer` unless there are `vocabSize` pieces. */
  constructor(pieces: readonly string[], vocabSize: number, source: string) {
    if (pieces.length !== vocabSize) {
      throw new ModelFormatError("bad_tokenizer", source, `${pieces.length} pieces`, {
        wanted: `${vocabSize}, one for each logit`,
      });
    }
    this.#pieces = pieces;
  }

  /** The pieces of labels, as SentencePiece writes them. */
  of(ids: readonly number[]): string[] {
    return ids.map((id) => {
      const piece = this.#pieces[id] ?? "";
      if (control.has(piece)) return "";
      return piece === "<unk>" ? unknown : piece;
    });
  }

  /** The label of a tag such as `<|nospeech|>`, if there is one. */
  idOf(piece: string): number | undefined {
    const id = this.#pieces.indexOf(piece);
    return id < 0 ? undefined : id;
  }

  /** Whether the label is spoken text, not a tag or punctuation. */
  isText(id: number): boolean {
    const piece = this.#pieces[id] ?? "";
    return !isTag(piece) && !control.has(piece);
  }
}
