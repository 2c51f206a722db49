/**
 * From the probability of silence in each frame to segments of speech: FunASR's state machine, as it runs on whole
 * recordings (FsmnVADStreaming with its default options), in frames of 10 ms.
 *
 * A window over the last 200 ms decides between speech and silence. Speech begins 400 ms before it is detected; it
 * ends when silence has lasted long enough, 110 ms into that silence. The length of silence that is needed depends on
 * the length of speech so far, updated every 60 s: 1.85 s at first, then 0.05 s, then none.
 */

export interface VadRules {
  /** Longest segment in milliseconds, where a longer one is cut: 60,000 in the model's options. */
  readonly maxSegment?: number | undefined;
  /**
   * Milliseconds of silence that end a segment, instead of the schedule. Speech must then be more probable than
   * silence by 0.6, as in the model's options; with the schedule, by 0.5.
   */
  readonly maxEndSilence?: number | undefined;
}

/** Frames [start, end). */
export interface FrameSpan {
  readonly start: number;
  readonly end: number;
}

const WINDOW = 20;
/** Speech begins with at least this many frames of speech in the window, and ends with at most this many. */
const CHANGE = 15;
/** Frames that are added before a segment: the window's delay and 200 ms more. */
const LOOK_BACK = WINDOW + 20;
/** Frames of silence that are added after a segment. */
const LOOK_AHEAD = 10;
/** By how much speech must be more probable than silence, without and with the schedule. */
const MARGIN = 0.6;
const SCHEDULED_MARGIN = 0.5;
/** Upstream processes 60 s at a time; its front end holds the last four frames back. */
const CHUNK = 6000;
const HELD_BACK = 4;
/** Up to how many milliseconds of speech, which length of silence ends it. */
const SCHEDULE = [
  [10_000, 2000],
  [20_000, 1000],
  [30_000, 800],
  [40_000, 600],
  [50_000, 400],
  [60_000, 200],
  [Infinity, 100],
] as const;
/** The delay of the window, which is subtracted from the silence. */
const WINDOW_DELAY = 150;

export class VadMachine {
  /** The first frame of the current segment. */
  open: number | undefined;
  readonly #maxFrames: number;
  readonly #fixedSilence: number | undefined;
  readonly #margin: number;
  #endSilence: number; // milliseconds
  #frame = 0;
  #free = 0; // the first frame that belongs to no segment yet
  #window = new Uint8Array(WINDOW);
  #sum = 0;
  #speaking = false;
  #silence = 0; // frames
  #spoken = 0; // milliseconds, by chunks
  #latched = false;
  #emitted = 0; // in this chunk

  constructor({ maxSegment = 60_000, maxEndSilence }: VadRules = {}) {
    this.#maxFrames = maxSegment / 10;
    this.#fixedSilence = maxEndSilence;
    this.#margin = maxEndSilence === undefined ? SCHEDULED_MARGIN : MARGIN;
    this.#endSilence = Math.max(0, (maxEndSilence ?? SCHEDULE[0][1]) - WINDOW_DELAY);
  }

  /** Takes the silence probabilities of the next frames; returns the segments that have ended. */
  push(silence: ArrayLike<number>): FrameSpan[] {
    const spans: FrameSpan[] = [];
    for (let i = 0; i < silence.length; i++) this.#next(silence[i]!, spans);
    return spans;
  }

  /** The recording ends here, and the current segment with it. */
  end(): FrameSpan[] {
    const spans: FrameSpan[] = [];
    if (this.open !== undefined) this.#close(this.#frame - 1, spans);
    return spans;
  }

  #next(silence: number, spans: FrameSpan[]): void {
    const now = this.#frame;
    if (now > 0 && (now + HELD_BACK) % CHUNK === 0) this.#newChunk();
    this.#frame++;
    const before = this.#speaking;
    this.#slide(1 - silence >= silence + this.#margin ? 1 : 0, now);
    if (!before && this.#speaking) this.#silence = 0;
    if (!before && this.#speaking && this.open === undefined) {
      this.open = Math.max(this.#free, now - LOOK_BACK);
      return;
    }
    if (before) this.#silence = 0;
    else if (!this.#speaking) this.#silence++;
    if (this.open === undefined) {
      if (!this.#speaking && now >= LOOK_BACK) this.#free = Math.max(this.#free, now - LOOK_BACK);
      return;
    }
    if (!before && !this.#speaking && this.#silence * 10 >= this.#endSilence) {
      const lookBack = Math.max(0, Math.floor(this.#endSilence / 10) - LOOK_AHEAD - 1);
      this.#close(now - lookBack, spans);
    } else if (now - this.open + 1 > this.#maxFrames) this.#close(now, spans);
  }

  /** Moves the window by one frame and updates whether there is speech in it. */
  #slide(speech: number, now: number): void {
    this.#sum += speech - this.#window[now % WINDOW]!;
    this.#window[now % WINDOW] = speech;
    if (this.#speaking ? this.#sum <= CHANGE : this.#sum >= CHANGE) this.#speaking = !this.#speaking;
  }

  #close(last: number, spans: FrameSpan[]): void {
    spans.push({ start: this.open!, end: last + 1 });
    this.#free = last + 1;
    this.#emitted++;
    this.open = undefined;
    this.#window = new Uint8Array(WINDOW);
    this.#sum = 0;
    this.#speaking = false;
    this.#silence = 0;
  }

  #newChunk(): void {
    if (this.#emitted > 0) [this.#spoken, this.#latched] = [0, false];
    this.#emitted = 0;
    if (this.open !== undefined || this.#latched) {
      this.#spoken += CHUNK * 10;
      this.#latched = true;
    }
    if (this.#fixedSilence !== undefined) return;
    const [, silence] = SCHEDULE.find(([limit]) => this.#spoken <= limit)!;
    this.#endSilence = Math.max(0, silence - WINDOW_DELAY);
  }
}
