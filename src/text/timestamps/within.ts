/** Times that end with the audio. Every time of a result passes through here. */
import type { TimedText } from "./timed.ts";
import { SLIVER } from "./timed.ts";

/**
 * The units with no time after `limit`, the end of the audio in seconds. What fits is returned as it is; units that
 * begin too late move back, as far as those after them need a tenth of a frame each (or an equal share of the
 * audio where that is less), so that the order stays and every unit keeps a positive length.
 */
export function within<Unit extends TimedText>(units: readonly Unit[], limit: number): readonly Unit[] {
  if (units.every(({ start, end }) => start < limit && end <= limit)) return units;
  const step = Math.min(SLIVER, limit / units.length);
  const starts = units.map(({ start }, i) => Math.max(0, Math.min(start, limit - (units.length - i) * step)));
  return units.map((unit, i) => {
    const next = units[i + 1];
    const moved = next !== undefined && starts[i + 1] !== next.start;
    return { ...unit, start: starts[i]!, end: Math.min(unit.end, moved ? starts[i + 1]! : limit) };
  });
}
