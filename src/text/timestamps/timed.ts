/**
 * Text with times, in seconds of the recording. All sources of times give the same type, with the
 * same guarantee: starts increase, every unit has a positive length, and nothing overlaps.
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
  /** Probability by the language model, 0 to 1; where that was asked for. */
  readonly probability?: number;
}

/** A unit whose end may be unknown, and which may overlap others. */
export interface RoughUnit {
  readonly text: string;
  readonly start: number;
  readonly end?: number | undefined;
  readonly source: TimeSource;
  readonly score?: number | undefined;
  readonly probability?: number | undefined;
}

/** One encoder frame, in seconds: the minimum length of a unit where there is room. */
const FRAME = 0.06;
/** The minimum length where there is none. */
export const SLIVER = FRAME / 10;
/** Tolerance for rounding in sums of durations. */
const ROUNDING = 1e-9;
/** A syllable: the maximum length of a unit whose end is unknown. */
const SYLLABLE = 0.2;

/**
 * Puts times in order: a unit without length (a space or punctuation between two adjacent words) takes a tenth of a
 * frame from the unit before, units with the same start are spread evenly up to the next one, each ends where the next
 * begins or earlier, and none is shorter than a tenth of a frame.
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

/** The starts; those of units without length are moved back into the last unit that has one. */
function makeRoom(units: readonly RoughUnit[]): number[] {
  const starts = units.map(({ start }) => start);
  const hasLength = ({ start, end = Infinity }: RoughUnit): boolean => end > start;
  const givers = lastBefore(units, hasLength);
  for (let i = units.length - 2; i >= 0; i--) {
    const unit = units[i] as RoughUnit;
    if (hasLength(unit)) continue;
    const giver = givers[i]!;
    const wanted = (starts[i + 1] as number) - SLIVER;
    const free = (units[giver]?.start ?? -SLIVER) + SLIVER * (i - giver);
    if (unit.start > wanted && wanted >= free) starts[i] = wanted;
  }
  return starts;
}

/** For each item the index of the last one before it for which `holds`, or -1. */
export function lastBefore<Item>(items: readonly Item[], holds: (item: Item) => boolean): Int32Array {
  const found = new Int32Array(items.length);
  let last = -1;
  for (const [i, item] of items.entries()) {
    found[i] = last;
    if (holds(item)) last = i;
  }
  return found;
}

/** The same for the first one after it. */
export function firstAfter<Item>(items: readonly Item[], holds: (item: Item) => boolean): Int32Array {
  const found = new Int32Array(items.length);
  let first = -1;
  for (let i = items.length - 1; i >= 0; i--) {
    found[i] = first;
    if (holds(items[i]!)) first = i;
  }
  return found;
}

/** Strictly increasing starts: runs that do not increase are spread between the first and the next greater one. */
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
