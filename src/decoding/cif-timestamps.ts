/**
 * Times of a Paraformer's tokens, from where its integral fires: a token lasts from its fire to the next, at most
 * twelve rows; the rest is silence. This is FunASR's ts_prediction_lfr6_standard with its arguments in the intended
 * order (FunASR's Paraformer swaps alphas and peaks); Shi et al., "Achieving
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
/** One, with room for rounding: the sum at which a token fires, and what a fire subtracts from finer alphas. */
export const fireThreshold = 1 - 1e-4;
/** Tokens are spoken about this long before their alphas peak. */
const shift = -1.5;
const longestToken = 12;
/** More rows than this before the first or after the last token are silence. */
const edgeSilence = 5;

/**
 * A span for each of `count` tokens, without the model's last fire (of `</s>`). Where there are not
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
    // A last token that is too long is cut; otherwise it gets the remaining rows, or half of them.
    if (last.end - last.start <= longestToken)
      last.end = silence ? (peaks.length + last.end) / 2 : peaks.length;
    else last.end = last.start + longestToken;
  }
  return spans.map(({ start, end }, i) => ({
    start: start * secondsPerRow,
    end: (i === spans.length - 1 ? end : Math.min(end, start + longestToken)) * secondsPerRow,
  }));
}

/** The integral over the alphas, from which each fire subtracts `threshold`, in float32 (FunASR's cif_wo_hidden). */
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
