/** The marks that a model may put behind a word, by the number of their class. */

/** The mark of a class that prints nothing. */
const NONE = "_";

export class Marks {
  readonly texts: readonly string[];
  /** The class of a full stop, by which the original replaces others. */
  readonly end: number;

  /** `texts` are those of the classes; `end` is the class of a mark that ends a sentence. */
  constructor(texts: readonly string[], end: number) {
    this.texts = texts;
    this.end = end;
  }

  /** What stands behind a word of this class; empty for nothing. */
  text(mark: number): string {
    const text = this.texts[mark]!;
    return text === NONE ? "" : text;
  }

  /** Does a sentence end here? Full-width marks only: the original compares characters. */
  endsSentence(mark: number): boolean {
    const text = this.texts[mark];
    return text === "。" || text === "？";
  }

  isComma(mark: number): boolean {
    return this.texts[mark] === "，";
  }
}
