/** The lines of a cue that grows piece by piece. */
import type { CueLimits } from "./cue-limits.ts";
import type { CuePiece } from "./cue-pieces.ts";

/** Each line is filled before the next one begins, which takes the fewest lines. */
export class GrowingLines {
  readonly #limits: CueLimits;
  readonly #pieces: CuePiece[] = [];
  /** Columns before each piece, and behind the last one, with the spaces between. */
  readonly #before: number[] = [0];
  /** For each piece of the first line, the least cost of a border behind it or a later one of that line. */
  #firstLine: number[] = [];
  /** The first piece that can begin the second of two lines. */
  #second = 0;
  #column = 0; // on the last line
  #count = 0;
  /** Columns of the whole cue on one line. */
  columns = 0;
  /** Whether there is Chinese, Japanese or Korean in it. */
  cjk = false;

  constructor(limits: CueLimits) {
    this.#limits = limits;
  }

  get #limit(): number {
    return this.cjk ? this.#limits.cjkColumns : this.#limits.columns;
  }

  /** Whether the cue still fits with one more piece. */
  add(piece: CuePiece): boolean {
    const begins = this.#before.at(-1)!;
    this.columns = begins + piece.columns;
    this.#before.push(this.columns + (piece.spaced ? 1 : 0));
    this.#pieces.push(piece);
    const narrower = piece.cjk && !this.cjk;
    this.cjk ||= piece.cjk;
    if (!narrower) return this.#place(piece);
    [this.#column, this.#count] = [0, 0];
    return this.#pieces.every((one) => this.#place(one));
  }

  #place({ columns, spaced }: CuePiece): boolean {
    if (this.#count === 0 || this.#column + columns > this.#limit) {
      this.#count++;
      this.#column = 0;
      [this.#firstLine, this.#second] = [[], 0];
    }
    this.#column += columns + (spaced ? 1 : 0);
    return columns <= this.#limit && this.#count <= this.#limits.maxLines;
  }

  /** The cost of the best border between two lines; 0 where the cue has another number of lines. */
  breakCost(): number {
    if (this.#count !== 2) return 0;
    if (this.#firstLine.length === 0) this.#firstLine = this.#bordersOfFirst();
    while (this.columns - this.#before[this.#second]! > this.#limit) this.#second++;
    return this.#firstLine[Math.max(0, this.#second - 1)] ?? 0;
  }

  #bordersOfFirst(): number[] {
    const fits = (i: number): boolean => this.#before[i]! + this.#pieces[i]!.columns <= this.#limit;
    let count = 0;
    while (count < this.#pieces.length && fits(count)) count++;
    const least = this.#pieces.slice(0, count).map(({ cost }) => cost);
    for (let i = count - 2; i >= 0; i--) least[i] = Math.min(least[i]!, least[i + 1]!);
    return least;
  }
}
