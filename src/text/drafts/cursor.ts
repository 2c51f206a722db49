/**
 * Where a text is in its draft: alignment of the text so far with a prefix of the draft, one row of costs for each character
 * of the text, within a band around the place. Punctuation is of the text alone, and digits match the numerals that are
 * spoken, so that neither moves the place.
 */

/** Characters of the draft on both sides of the place. */
const BAND = 64;
const WIDTH = 2 * BAND + 1;

const PUNCTUATION = /[\p{P}\p{S}]/u;
const DIGIT = /\d/u;
const NUMERALS = new Map(Array.from("零一二三四五六七八九", (numeral, digit) => [numeral, String(digit)]));
NUMERALS.set("〇", "0").set("两", "2");
const UNITS = new Set("十百千万亿点");

/** Costs of an edit; a wrong character costs 1. */
const MARK = 0.05;
const DROPPED_SPACE = 0.3;
const UNIT_AS_DIGIT = 0.4;
const ADDED_DIGIT = 0.6;
const MARK_FOR_CHARACTER = 2;

/** A character of the draft. */
interface Drafted {
  readonly folded: string;
  /** The digit that it stands for. */
  readonly digit: string | undefined;
  readonly isUnit: boolean;
  /** The cost where the text leaves it out. */
  readonly dropped: number;
}

export class DraftCursor {
  readonly #draft: readonly Drafted[];
  /** Of the prefixes of the draft with a length of `#low` and more; Infinity beyond the band. */
  #costs = Float64Array.from({ length: WIDTH }, (_, i) => i);
  #low = 0;
  #at = 0;

  constructor(characters: readonly string[]) {
    this.#draft = characters.map((character) => ({
      folded: character.toLowerCase(),
      digit: NUMERALS.get(character),
      isUnit: UNITS.has(character),
      dropped: character === " " ? DROPPED_SPACE : isMark(character) ? MARK : 1,
    }));
  }

  /** The number of characters of the draft that the text has: the most, where several are as likely. */
  get at(): number {
    return this.#at;
  }

  /** Whether the character of the draft is this one, in any case or as a numeral. */
  matches(index: number, character: string): boolean {
    const drafted = this.#draft[index];
    return (
      drafted !== undefined && (drafted.folded === character.toLowerCase() || drafted.digit === character)
    );
  }

  /** Adds the next character of the text. */
  push(character: string): void {
    const { length } = this.#draft;
    const folded = character.toLowerCase();
    const isDigit = DIGIT.test(character);
    const mark = isMark(character);
    const added = mark || character === " " ? MARK : isDigit ? ADDED_DIGIT : 1;
    const low = Math.max(this.#low, this.#at - BAND);
    const costs = new Float64Array(WIDTH).fill(Infinity);
    let best = Infinity;
    for (let place = low; place <= Math.min(length, low + WIDTH - 1); place++) {
      let cost = this.#cost(place) + added;
      const drafted = this.#draft[place - 1];
      if (drafted !== undefined) {
        const same = drafted.folded === folded || drafted.digit === character;
        const wrong = isDigit && drafted.isUnit ? UNIT_AS_DIGIT : mark ? MARK_FOR_CHARACTER : 1;
        cost = Math.min(cost, this.#cost(place - 1) + (same ? 0 : wrong));
        if (place > low) cost = Math.min(cost, costs[place - 1 - low]! + drafted.dropped);
      }
      costs[place - low] = cost;
      // Sums of the same costs in another order differ in their last digits.
      if (cost <= best + 1e-9) this.#at = place;
      best = Math.min(best, cost);
    }
    this.#costs = costs;
    this.#low = low;
  }

  #cost(place: number): number {
    return this.#costs[place - this.#low] ?? Infinity;
  }
}

/** Whether it is punctuation, which a draft does not have. */
export function isMark(character: string): boolean {
  return PUNCTUATION.test(character);
}
