/** Edits of a text, applied to the times of its characters, too. */
import { settle } from "../timestamps/timed.ts";
import type { RoughUnit, TimedUnit } from "../timestamps/timed.ts";

/** Replaces [start, end) of a string by `text`. Edits of one step are in order and do not overlap. */
export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

export function applyEdits(text: string, edits: readonly Edit[]): string {
  let changed = "";
  let at = 0;
  for (const { start, end, text: put } of edits) {
    changed += text.slice(at, start) + put;
    at = end;
  }
  return changed + text.slice(at);
}

/** The same for the timed characters of a text: new characters share the time of those that they replace. */
export function editUnits(units: readonly TimedUnit[], edits: readonly Edit[]): TimedUnit[] {
  const changed: RoughUnit[] = [];
  let offset = 0; // of the next unit in the text
  let next = 0;
  const takeUntil = (end: number): TimedUnit[] => {
    const from = next;
    while (next < units.length && offset < end) offset += units[next++]!.text.length;
    return units.slice(from, next);
  };
  for (const { start, end, text } of edits) {
    for (const unit of takeUntil(start)) changed.push(unit);
    for (const unit of share(takeUntil(end), text, changed.at(-1)?.end ?? 0)) changed.push(unit);
  }
  return settle([...changed, ...units.slice(next)]);
}

/** Characters that replace others, or none; {@link settle} gives inserted ones a time. */
function share(replaced: readonly TimedUnit[], text: string, reached: number): RoughUnit[] {
  const characters = Array.from(text);
  const start = replaced[0]?.start ?? reached;
  const end = replaced.at(-1)?.end ?? reached;
  const each = (end - start) / characters.length;
  const scores = replaced.flatMap(({ score }) => (score === undefined ? [] : [score]));
  const lowest = scores.reduce((least, score) => Math.min(least, score), Infinity);
  return characters.map((character, i) => ({
    text: character,
    start: start + i * each,
    end: start + (i + 1) * each,
    source: replaced[0]?.source ?? "interpolated",
    ...(scores.length === 0 ? {} : { score: lowest }),
  }));
}
