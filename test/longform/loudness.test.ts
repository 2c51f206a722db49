/** A steady sound is noise below −65 dB of full scale, and has no pauses above. */
import { expect, it } from "vitest";
import { quietBelow } from "../../src/longform/loudness.ts";

const steady = (level: number): Float64Array => new Float64Array(200).fill(level);

it.each([
  [-120, Infinity],
  [-65.5, Infinity],
  [-64.5, -Infinity],
  [-20, -Infinity],
])("at %f dB, frames below %f are quiet", (level, limit) => {
  expect(quietBelow(steady(level))).toBe(limit);
});

it("a sound that stands out from its background is none, at any level", () => {
  const levels = Float64Array.from({ length: 200 }, (_, i) => (i % 4 === 0 ? -80 : -110));
  expect(quietBelow(levels)).toBeGreaterThan(-110);
  expect(quietBelow(levels)).toBeLessThan(-80);
});
