/**
 * Text with times, in seconds of the recording. All ways of timing end in the same shape, and in the same
 * promise: starts never go back, every character lasts, and nothing overlaps.
 */

/** Where a time comes from: the CTC head's own frames, Paraformer's predictor, or its neighbors' times. */
export type TimeSource = "ctc" | "cif" | "interpolated";

export interface TimedText {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** A character (a code point) or a word of the final text. */
export interface TimedUnit extends TimedText {
  readonly source: TimeSource;
  /** Probability of the CTC labels behind it, 0 to 1; absent where the time is interpolated. */
  readonly score?: number;
  /** How sure the language model was of it, 0 to 1; where that was asked for. */
  readonly probability?: number;
}

/** A unit whose end is unknown, or whose place may still collide with others. */
export interface RoughUnit {
  readonly text: string;
  readonly start: number;
  readonly end?: number | undefined;
  readonly source: TimeSource;
  readonly score?: number | undefined;
  readonly probability?: number | undefined;
}

/** One encoder frame: the least that a unit lasts where there is room. */
const FRAME = 0.06;
/** The least that it lasts where there is none. */
const SLIVER = FRAME / 10;
/** Of sums of such. */
const ROUNDING = 1e-9;
/** A syllable: the most that a unit lasts when nobody knows its end. */
const SYLLABLE = 0.2;

/**
 * Makes times orderly: what has no length (a blank or a mark between two words that touch) takes a sliver off the unit
 * before, units that share a start are spread evenly up to the next one, each ends where the next begins or earlier,
 * and none is shorter than a tenth of a frame.
 */
export function settle(units: readonly RoughUnit[]): TimedUnit[] {
  const starts = spread(makeRoom(units));
  return units.map(({ text, end, source, score, probability }, i) => {
    const start = starts[i] as number;
    const next = starts[i + 1] ?? Infinity;
    const known = end !== undefined && end > start ? end : start + SYLLABLE;
    return {
      text,
      start,
      end: Math.min(known, next),
      source,
      ...(score === undefined ? {} : { score }),
      ...(probability === undefined ? {} : { probability }),
    };
  });
}

/** The starts; those of units without length moved back as far as the last unit with one has time to give. */
function makeRoom(units: readonly RoughUnit[]): number[] {
  const starts = units.map(({ start }) => start);
  const hasLength = ({ start, end = Infinity }: RoughUnit): boolean => end > start;
  for (let i = units.length - 2; i >= 0; i--) {
    const unit = units[i] as RoughUnit;
    if (hasLength(unit)) continue;
    const giver = units.findLastIndex((other, at) => at < i && hasLength(other));
    const wanted = (starts[i + 1] as number) - SLIVER;
    const free = (units[giver]?.start ?? -SLIVER) + SLIVER * (i - giver);
    if (unit.start > wanted && wanted >= free) starts[i] = wanted;
  }
  return starts;
}

/** Starts that rise strictly: runs that do not are spread between the first and the next greater one. */
function spread(starts: readonly number[]): number[] {
  const rising: number[] = [];
  let i = 0;
  let floor = 0;
  while (i < starts.length) {
    const from = Math.max(starts[i] as number, floor);
    let count = 1;
    while (i + count < starts.length && (starts[i + count] as number) < from + count * SLIVER - ROUNDING)
      count++;
    const next = starts[i + count] ?? from + count * FRAME;
    const step = Math.min((next - from) / count, FRAME);
    for (let k = 0; k < count; k++) rising.push(from + k * step);
    floor = from + count * step;
    i += count;
  }
  return rising;
}
