/**
 * Speech by its level, while the audio comes: what is louder than the background of the last seconds, between pauses. The
 * rules are those of the cuts of recordings (src/longform/cuts.ts), which know the audio that follows, too.
 */
import { concatenate } from "../audio/decoder.ts";
import { CLICK, MARGIN, toFrames } from "../longform/cuts.ts";
import type { SampleSpan } from "../longform/cutter.ts";
import { FRAME_SAMPLES, frameLevels, QUIETEST, quietRuns } from "../longform/loudness.ts";
import type { Run } from "../longform/loudness.ts";
import type { SpeechStream } from "../longform/speech-runs.ts";

/** Frames of 10 ms that give the levels of background and speech. */
const HISTORY = 1000;
/** dB of full scale; what is quieter is no sound of a microphone, and tells nothing about its background. */
const DIGITAL_SILENCE = -120;

export class LevelStream implements SpeechStream {
  readonly #pause: number;
  /** Of the frames from number `#first` on. */
  #levels: number[] = [];
  #first = 0;
  /** Samples behind the last whole frame. */
  #rest: Float32Array = new Float32Array(0);
  /** The first frame that belongs to no span yet. */
  #free = 0;
  /** The first frame of the span that has not ended. */
  #open: number | undefined;
  /** Its first loud frame. */
  #loud = 0;

  /** `pause`: seconds of quiet that end a span. */
  constructor(pause: number) {
    this.#pause = toFrames(pause);
  }

  get open(): number | undefined {
    return this.#open === undefined ? undefined : this.#open * FRAME_SAMPLES;
  }

  async push(samples: Float32Array): Promise<SampleSpan[]> {
    const all = concatenate([this.#rest, samples]);
    const whole = all.length - (all.length % FRAME_SAMPLES);
    for (const level of frameLevels(all.subarray(0, whole))) this.#levels.push(level);
    this.#rest = all.slice(whole);
    const spans = this.#judge();
    const unused = this.#levels.length - Math.max(HISTORY, 2 * this.#pause);
    if (unused > 0) {
      this.#levels = this.#levels.slice(unused);
      this.#first += unused;
    }
    return spans.map(({ from, to }) => ({ start: from * FRAME_SAMPLES, end: to * FRAME_SAMPLES }));
  }

  async end(length: number): Promise<SampleSpan[]> {
    const start = this.open;
    this.#open = undefined;
    return start === undefined ? [] : [{ start, end: length }];
  }

  /** The spans that have ended, in frames. */
  #judge(): Run[] {
    const now = this.#first + this.#levels.length;
    const quiet = quietRuns(withBackground(this.#levels)).map(({ from, to }) => ({
      from: from + this.#first,
      to: to + this.#first,
    }));
    if (quiet.length === 0) return this.#close(now); // the levels do not differ: whatever it is, it is not speech
    const spans: Run[] = [];
    const pauses = quiet.filter(({ from, to }) => to - from >= this.#pause);
    let at = Math.max(this.#free, this.#first);
    for (const { from, to } of [...pauses, { from: now, to: now }]) {
      if (to <= this.#free && to < now) continue;
      if (this.#open === undefined) this.#begin(quiet, at, from);
      if (from < now && this.#open !== undefined && to > this.#loud) {
        // what was loud when it came can be quiet beside the speech that follows
        if (from <= this.#loud && to < now) this.#loud = to;
        else spans.push(...this.#close(endWithin({ from: Math.max(from, this.#loud), to })));
      }
      at = to;
    }
    return spans;
  }

  /** Opens a span where frames [from, to) hold sound that is no click. */
  #begin(quiet: readonly Run[], from: number, to: number): void {
    const [first, last] = [firstLoud(quiet, from), lastLoud(quiet, to)];
    if (last - first < toFrames(CLICK)) return;
    const isStart = this.#free === 0 && first < this.#pause;
    this.#open = isStart ? 0 : Math.max(this.#free, first - toFrames(MARGIN));
    this.#loud = first;
  }

  #close(to: number): Run[] {
    if (this.#open === undefined) return [];
    const span = { from: this.#open, to };
    this.#open = undefined;
    this.#free = to;
    return [span];
  }
}

/** The frame of a pause up to which it belongs to the speech before. */
function endWithin({ from, to }: Run): number {
  return from + Math.min(toFrames(MARGIN), Math.floor((to - from) / 2));
}

/** The first frame from `from` on that is in none of the runs. */
function firstLoud(quiet: readonly Run[], from: number): number {
  return quiet.find((run) => run.from <= from && from < run.to)?.to ?? from;
}

/** The frame behind the last one before `to` that is in none of the runs. */
function lastLoud(quiet: readonly Run[], to: number): number {
  return quiet.find((run) => run.from < to && to <= run.to)?.from ?? to;
}

/** The levels with digital silence, as recorders give it before their device does, as quiet as the quietest sounds. */
function withBackground(levels: readonly number[]): Float64Array {
  const sounds = levels.filter((level) => level >= DIGITAL_SILENCE).toSorted((a, b) => a - b);
  const background = sounds[Math.floor(QUIETEST * sounds.length)] ?? DIGITAL_SILENCE;
  return Float64Array.from(levels, (level) => (level < DIGITAL_SILENCE ? background : level));
}
