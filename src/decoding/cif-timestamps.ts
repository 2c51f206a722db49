/**
 * When the tokens of a Paraformer were said, from where its integral fires: a token lasts from its fire to the next
 * one's, at most twelve rows; silence takes the rest. FunASR's ts_prediction_lfr6_standard in the order of arguments
 * that it was written for (its Paraformer hands over alphas and peaks the wrong way round); Shi et al., "Achieving
 * Timestamp Prediction While Recognizing with Non-Autoregressive End-to-End ASR Model", arXiv:2301.12343.
 */

/** Seconds from the beginning of the audio. */
export interface TimeSpan {
  readonly start: number;
  readonly end: number;
}

export interface CifActivity {
  /** Weight of each row. */
  readonly alphas: Float32Array;
  /** The integral at each row; about 1 or more where it fires. */
  readonly peaks: Float32Array;
  /** Rows for each 60 ms frame. */
  readonly upsampleTimes: number;
}

const frameSeconds = (10.0 * 6) / 1000;
/** One, with room for rounding: where alphas count as fired, and what a fire takes off finer alphas. */
export const fireThreshold = 1 - 1e-4;
/** Tokens are said about that much before their alphas peak. */
const shift = -1.5;
const longestToken = 12;
/** More rows than this before the first or after the last token are silence. */
const edgeSilence = 5;

/**
 * A span for each of `count` tokens, the model's last fire (of `</s>`) not counted among them. Where there are not
 * exactly count + 1 fires, the alphas are scaled until there are. The first span may begin a little before zero.
 */
export function tokenSpans(activity: CifActivity, count: number): TimeSpan[] {
  if (count === 0) return [];
  const secondsPerRow = frameSeconds / activity.upsampleTimes;
  let { peaks } = activity;
  let fires = firesOf(peaks);
  if (fires.length !== count + 1) {
    peaks = integrateInLoop(scaled(activity.alphas, count + 1), fireThreshold);
    fires = firesOf(peaks).slice(0, count + 1);
  }

  const spans = fires.slice(1).map((next, i) => ({ start: fires[i]!, end: next }));
  const last = spans.at(-1);
  if (last !== undefined) {
    const silence = peaks.length - last.end > edgeSilence;
    // A last token that is too long is cut at once; otherwise it gets what remains, or half of it.
    if (last.end - last.start <= longestToken)
      last.end = silence ? (peaks.length + last.end) / 2 : peaks.length;
    else last.end = last.start + longestToken;
  }
  return spans.map(({ start, end }, i) => ({
    start: start * secondsPerRow,
    end: (i === spans.length - 1 ? end : Math.min(end, start + longestToken)) * secondsPerRow,
  }));
}

/** The integral over alphas of a fire that takes `threshold` off, in float32 (FunASR's cif_wo_hidden). */
export function integrateInLoop(alphas: Float32Array, threshold: number): Float32Array {
  const step = Math.fround(threshold);
  let integral = 0;
  return alphas.map((alpha) => {
    const peak = Math.fround(integral + alpha);
    integral = peak >= step ? Math.fround(peak - step) : peak;
    return peak;
  });
}

function firesOf(peaks: Float32Array): number[] {
  const threshold = Math.fround(fireThreshold);
  return [...peaks.keys()].filter((t) => peaks[t]! >= threshold).map((t) => t + shift);
}

function scaled(alphas: Float32Array, total: number): Float32Array {
  const sum = Math.fround(alphas.reduce((a, b) => a + b, 0));
  const divisor = Math.fround(sum / total);
  return alphas.map((alpha) => alpha / divisor);
}
