/**
 * From the probability of silence in each frame to stretches of speech: FunASR's state machine, as it runs on whole
 * recordings (FsmnVADStreaming with its default options), in frames of 10 ms.
 *
 * A window over the last 200 ms decides between speech and silence. Speech begins 400 ms before it is noticed; it ends
 * when silence has lasted long enough, 110 ms into that silence. How long is enough depends on how long somebody has
 * been speaking, looked at every 60 s: 1.85 s at first, then 0.05 s, then at once.
 */

export interface VadRules {
  /** Longest stretch in milliseconds; what is longer is cut there: 60,000 in the model's options. */
  readonly maxSegment?: number | undefined;
  /**
   * Milliseconds of silence that end a stretch, instead of the schedule. Speech must then be more probable than
   * silence by 0.6, as the model's options say; the schedule makes that 0.5.
   */
  readonly maxEndSilence?: number | undefined;
}

/** Frames [start, end). */
export interface FrameSpan {
  readonly start: number;
  readonly end: number;
}

const WINDOW = 20;
/** So many frames of speech in the window begin speech; no more than so many end it. */
const CHANGE = 15;
/** Frames that are added in front: the window's delay and 200 ms more. */
const LOOK_BACK = WINDOW + 20;
/** Frames of silence that stay with the speech before it. */
const LOOK_AHEAD = 10;
/** Silence must be less probable than speech by this, without and with the schedule. */
const MARGIN = 0.6;
const SCHEDULED_MARGIN = 0.5;
/** Upstream reads 60 s at a time; its front end holds the last four frames back. */
const CHUNK = 6000;
const HELD_BACK = 4;
/** Milliseconds of speech so far, and the silence that then ends it. */
const SCHEDULE = [
  [10_000, 2000],
  [20_000, 1000],
  [30_000, 800],
  [40_000, 600],
  [50_000, 400],
  [60_000, 200],
  [Infinity, 100],
] as const;
/** The window's own delay, which is taken off the silence. */
const WINDOW_DELAY = 150;

export class VadMachine {
  /** The first frame of the speech that is under way. */
  open: number | undefined;
  readonly #maxFrames: number;
  readonly #fixedSilence: number | undefined;
  readonly #margin: number;
  #endSilence: number; // milliseconds
  #frame = 0;
  #free = 0; // the first frame that no stretch has taken
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

  /** Takes the next frames and gives the stretches that have ended. */
  push(silence: ArrayLike<number>): FrameSpan[] {
    const spans: FrameSpan[] = [];
    for (let i = 0; i < silence.length; i++) this.#next(silence[i]!, spans);
    return spans;
  }

  /** The recording is over: what is under way ends with it. */
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

  /** The window moves on by one frame, and says whether there is speech in it. */
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
