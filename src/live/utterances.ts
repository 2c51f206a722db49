/**
 * From samples, step by step, to the events of utterances: a detector of speech says where one begins and ends; meanwhile
 * its text grows, and then the whole of it is recognized as a window of a recording is.
 */
import { concatenate } from "../audio/decoder.ts";
import { MODEL_RATE } from "../audio/limits.ts";
import type { Ending } from "../longform/cutter.ts";
import { cutWithoutPause } from "../longform/cuts.ts";
import { withMarks } from "../longform/marked-segments.ts";
import type { MarkWriter } from "../longform/marked-segments.ts";
import { bounded } from "../longform/merge.ts";
import type { SpeechStream } from "../longform/speech-runs.ts";
import type { WindowRecognizer } from "../longform/window-recognizer.ts";
import { LEAST_SAMPLES } from "../longform/windows.ts";
import { emptyRecognition } from "../recognizers/result.ts";
import { Stopwatch } from "../recognizers/stopwatch.ts";
import { warning } from "../warnings.ts";
import type { LiveEvent, LiveFinal, LivePartial, SpeechStarted } from "./events.ts";
import { GrowingText } from "./growing-text.ts";
import type { ListenOptions } from "./options.ts";
import type { Lag } from "./steps.ts";

/** Samples before an utterance that are kept: a detector finds where it began somewhat later. */
const KEPT = 2 * MODEL_RATE;

interface UtteranceContext {
  readonly recognizer: WindowRecognizer;
  readonly options: ListenOptions;
  readonly speech: SpeechStream;
  /** Puts marks in the final texts. */
  readonly punctuation: MarkWriter | undefined;
  /** Of the longest utterance, and between two partial texts. */
  readonly mostSamples: number;
  readonly tickSamples: number;
  readonly lag: Lag;
}

/** The utterance that has not ended. */
interface Current {
  readonly id: number;
  /** Its first sample. */
  readonly start: number;
  readonly text: GrowingText;
  /** The last partial text, with a line feed between its parts. */
  shown: string;
}

export class Utterances {
  readonly #context: UtteranceContext;
  #current: Current | undefined;
  #count = 0;
  /** The samples from number `#position` on. */
  #samples: Float32Array = new Float32Array(0);
  #position = 0;
  /** The end of the last utterance. */
  #after = 0;
  /** Where the next partial text is due. */
  #due = 0;

  constructor(context: UtteranceContext) {
    this.#context = context;
  }

  /** The samples so far. */
  get #now(): number {
    return this.#position + this.#samples.length;
  }

  async *take(step: Float32Array): AsyncGenerator<LiveEvent> {
    const { speech } = this.#context;
    this.#samples = concatenate([this.#samples, step]);
    for (const { start, end } of await speech.push(step)) yield* this.#finish(start, end, "pause");
    const { open } = speech;
    if (open !== undefined) yield* this.#grow(open);
    const keep = this.#current?.start ?? this.#now - KEPT;
    if (keep > this.#position) this.#drop(keep);
  }

  /** The stream ends here. */
  async *end(): AsyncGenerator<LiveEvent> {
    const spans = await this.#context.speech.end(this.#now);
    for (const { start, end } of spans) yield* this.#finish(start, end, "end");
  }

  /** Continues the utterance, or begins one at `open`. */
  async *#grow(open: number): AsyncGenerator<LiveEvent> {
    const { mostSamples, tickSamples, lag, recognizer } = this.#context;
    if (this.#current === undefined) yield this.#begin(open);
    const { start } = this.#current!;
    if (this.#now - start >= mostSamples) {
      const [window] = cutWithoutPause(this.#range(start, start + mostSamples), { overlap: 0 }).windows;
      yield* this.#finish(start, start + window!.to, window!.ends);
      yield this.#begin(this.#after);
    }
    const isLate = lag.seconds > tickSamples / MODEL_RATE;
    if (this.#now < this.#due || isLate || !recognizer.recognizer.hasTimes) return;
    this.#due = this.#now + tickSamples;
    const partial = await this.#partial(this.#current!);
    if (partial !== undefined) yield partial;
  }

  #begin(at: number): SpeechStarted {
    const { recognizer, options } = this.#context;
    const start = Math.max(at, this.#after, this.#position);
    const text = new GrowingText((samples) => recognizer.pieces(samples, options));
    this.#current = { id: this.#count++, start, text, shown: "\n" };
    this.#due = this.#now;
    return { event: "speech_started", id: this.#current.id, start: start / MODEL_RATE };
  }

  /** The text so far, if it has changed. */
  async #partial(current: Current): Promise<LivePartial | undefined> {
    const { id, start, text } = current;
    const samples = this.#range(start, this.#now);
    if (samples.length < LEAST_SAMPLES) return undefined;
    await text.update(samples);
    const { stable, tentative } = text;
    const shown = `${stable}\n${tentative}`;
    if (shown === current.shown) return undefined;
    current.shown = shown;
    const [from, end] = [start / MODEL_RATE, this.#now / MODEL_RATE];
    return { event: "partial", id, start: from, end, stable, tentative };
  }

  async *#finish(from: number, to: number, ends: Ending): AsyncGenerator<LiveEvent> {
    if (this.#current === undefined) {
      if (to <= this.#after) return; // the end of what was cut for its length
      yield this.#begin(from);
    }
    const { id, start, text } = this.#current!;
    const end = Math.max(start, to);
    this.#current = undefined;
    this.#after = end;
    yield { event: "speech_ended", id, start: start / MODEL_RATE, end: end / MODEL_RATE, ends };
    yield await this.#final(id, text, { start, samples: this.#range(start, end), ends });
  }

  async #final(
    id: number,
    text: GrowingText,
    window: { readonly start: number; readonly samples: Float32Array; readonly ends: Ending },
  ): Promise<LiveFinal> {
    const { recognizer, options, punctuation } = this.#context;
    const isShort = window.samples.length < LEAST_SAMPLES;
    const recognition = isShort
      ? emptyRecognition
      : options.final === "draft"
        ? { ...emptyRecognition, text: await text.whole(window.samples) }
        : await recognizer.recognize(window.samples, options);
    const bare = { id, ...bounded(recognition, window) };
    const { signal } = options;
    const segment =
      punctuation === undefined
        ? bare
        : await withMarks(bare, punctuation, { watch: new Stopwatch(), signal });
    if (window.ends !== "speech") return { event: "final", ...segment };
    const cut = warning("cut", "speech was cut at the greatest length, and words may be missing there");
    return { event: "final", ...segment, warnings: [...segment.warnings, cut] };
  }

  /** Samples [from, to) of the stream. */
  #range(from: number, to: number): Float32Array {
    return this.#samples.slice(from - this.#position, to - this.#position);
  }

  #drop(to: number): void {
    this.#samples = this.#samples.slice(to - this.#position);
    this.#position = to;
  }
}
