/** Sentences with times: what is between two marks, as in FunASR's `sentence_info` (timestamp_sentence). */
import type { TimedText, TimedUnit } from "../timestamps/timed.ts";
import { textOf } from "./written.ts";
import type { WrittenWord } from "./written.ts";

/** The least class of a mark: the others are the unknown one and none. */
const FIRST_MARK = 2;

/** Words become sentences one after the other, in segments of any length. */
export class Sentences {
  readonly #ended: TimedText[] = [];
  #open: TimedText | undefined;

  /** `spans` are the times of the words. Text behind the last mark is a sentence, too. */
  add(words: readonly WrittenWord[], spans: readonly Pick<TimedUnit, "start" | "end">[]): void {
    for (const [i, word] of words.entries()) {
      const { start, end } = spans[i]!;
      const { text: before, start: begins } = this.#open ?? { text: "", start };
      this.#open = { text: before + textOf(word), start: begins, end };
      if (word.class >= FIRST_MARK) this.#end();
    }
  }

  end(): readonly TimedText[] {
    this.#end();
    return this.#ended;
  }

  #end(): void {
    if (this.#open !== undefined) this.#ended.push({ ...this.#open, text: this.#open.text.trim() });
    this.#open = undefined;
  }
}
