/**
 * The energy of a short frame of sound, without what a recorder adds below speech: an offset, its drift and steps, and
 * rumble. Each frame is measured on its own, so that a loud frame has no effect on the quiet one after it, as it would
 * have through a filter.
 */

/** A step explains a frame if no more than this share of the frame's variance is left beside it. */
const LEFT_BY_STEP = 0.05;

/** Sums of squares and of fourth powers of n places around their middle. */
interface Moments {
  readonly squares: number;
  readonly fourths: number;
}

const known = new Map<number, Moments>();

function momentsOf(count: number): Moments {
  let moments = known.get(count);
  if (moments === undefined) {
    const places = Array.from({ length: count }, (_, i) => i - (count - 1) / 2);
    const sum = (power: number): number => places.reduce((total, place) => total + place ** power, 0);
    moments = { squares: sum(2), fourths: sum(4) };
    known.set(count, moments);
  }
  return moments;
}

/**
 * The mean square of samples [from, to) around their best parabola, which follows sounds below 20 Hz to −40 dB in
 * 10 ms; around two constants where these explain the frame, so that a step in the offset is no sound.
 */
export function energyOf(samples: Float32Array, from: number, to: number): number {
  const count = to - from;
  if (count < 4) return 0;
  const { squares, fourths } = momentsOf(count);
  const first = samples[from]!; // differences from it are exact, so that an offset leaves no trace
  const middle = (count - 1) / 2;
  let sum = 0;
  let linear = 0;
  let quadratic = 0;
  let total = 0;
  for (let i = 0; i < count; i++) {
    const value = samples[from + i]! - first;
    const place = i - middle;
    sum += value;
    linear += value * place;
    quadratic += value * place * place;
    total += value * value;
  }
  const variance = total - sum ** 2 / count;
  const curve = (quadratic - (sum * squares) / count) ** 2 / (fourths - squares ** 2 / count);
  const smooth = variance - linear ** 2 / squares - curve;
  const stepped = variance - stepIn(samples, from, to, sum / count);
  return Math.max(0, stepped < LEFT_BY_STEP * variance ? Math.min(smooth, stepped) : smooth) / count;
}

/** The part of the variance that the best step explains; `mean` is relative to the first sample. */
function stepIn(samples: Float32Array, from: number, to: number, mean: number): number {
  const count = to - from;
  const first = samples[from]!;
  let most = 0;
  let before = 0;
  for (let i = 1; i < count; i++) {
    before += samples[from + i - 1]! - first - mean;
    most = Math.max(most, before ** 2 / (i * (count - i)));
  }
  return most * count;
}
