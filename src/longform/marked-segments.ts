/** Segments with punctuation: each is final when the marks behind all of its words are. */
import type { Stopwatch } from "../recognizers/stopwatch.ts";
import { Sentences } from "../text/punctuation/sentences.ts";
import { timedWords } from "../text/punctuation/timed-words.ts";
import { textOf } from "../text/punctuation/written.ts";
import type { WrittenWord } from "../text/punctuation/written.ts";
import type { TimedText } from "../text/timestamps/timed.ts";
import { toWords } from "../text/timestamps/words.ts";
import type { Segment } from "./result.ts";

/** What puts marks in a text that is still being written. */
export interface MarkWriter {
  split(text: string): readonly string[];
  /** Every word again, in order, as it is written; both in parts of any length. */
  write(
    words: AsyncIterable<readonly string[]>,
    options: {
      readonly signal: AbortSignal | undefined;
      readonly time: <Result>(work: () => Promise<Result>) => Promise<Result>;
    },
  ): AsyncIterable<readonly WrittenWord[]>;
}

interface MarkOptions {
  readonly watch: Stopwatch;
  readonly signal?: AbortSignal | undefined;
}

/** The segments of a recording with marks. Read `segments` to its end first. */
export class MarkedSegments {
  readonly #writer: MarkWriter;
  readonly #options: MarkOptions;
  readonly #texts: string[] = [];
  #sentences: Sentences | undefined;

  constructor(writer: MarkWriter, options: MarkOptions) {
    this.#writer = writer;
    this.#options = options;
  }

  /** All of the text, as the model writes it. */
  get text(): string {
    return this.#texts.join("").trim();
  }

  /** Undefined where the characters have no times. */
  get sentences(): readonly TimedText[] | undefined {
    return this.#sentences?.end();
  }

  async *segments(given: AsyncIterable<Segment>): AsyncGenerator<Segment> {
    const { signal, watch } = this.#options;
    const waiting: { readonly segment: Segment; readonly count: number }[] = [];
    const split = this.#writer.split.bind(this.#writer);
    const words = async function* (): AsyncGenerator<readonly string[]> {
      for await (const segment of given) {
        const own = split(segment.text);
        waiting.push({ segment, count: own.length });
        yield own;
      }
    };
    const time = <Result>(work: () => Promise<Result>): Promise<Result> => watch.time("punctuate", work);
    let written: WrittenWord[] = []; // of the first one that waits
    for await (const part of this.#writer.write(words(), { signal, time })) {
      for (const word of part) written.push(word);
      while (waiting[0] !== undefined && waiting[0].count <= written.length) {
        const { segment, count } = waiting.shift()!;
        yield this.#marked(segment, written.slice(0, count));
        written = written.slice(count);
      }
    }
    for (const { segment } of waiting) yield this.#marked(segment, []); // without a word
  }

  #marked(segment: Segment, words: readonly WrittenWord[]): Segment {
    const own = words.map(textOf).join("");
    this.#texts.push(own);
    const { characters } = segment;
    if (characters === undefined) return { ...segment, text: own.trim() };
    const timed = timedWords(words, characters);
    this.#sentences ??= new Sentences();
    this.#sentences.add(words, timed.spans);
    return { ...segment, text: own.trim(), characters: timed.characters, words: toWords(timed.characters) };
  }
}

/** A segment with marks, as a text of its own. */
export async function withMarks(
  segment: Segment,
  writer: MarkWriter,
  options: MarkOptions,
): Promise<Segment> {
  const only = async function* (): AsyncGenerator<Segment> {
    yield segment;
  };
  for await (const marked of new MarkedSegments(writer, options).segments(only())) return marked;
  return segment;
}
