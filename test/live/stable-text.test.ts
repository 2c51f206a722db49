/** Stable text is never taken back, whatever a model reads; and the rule by which text becomes stable. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { StableText } from "../../src/live/stable-text.ts";
import type { TimedText } from "../../src/text/timestamps/timed.ts";

/** Pieces of a third of a second, one after the other from `start` on. */
function pieces(text: string, start = 0): TimedText[] {
  return Array.from(text, (letter, i) => ({
    text: letter,
    start: start + i / 3,
    end: start + i / 3 + 0.2,
  }));
}

describe("a text that grows", () => {
  it("only ever grows in its stable part, and shows every piece once", () => {
    const letter = fc.constantFrom("a", "b", "c", " ", "");
    const reading = fc.array(fc.tuple(letter, fc.double({ min: -0.1, max: 0.1, noNaN: true })), {
      maxLength: 12,
    });
    const settled = fc.option(fc.double({ min: 0, max: 4, noNaN: true }), { freq: 4 });
    fc.assert(
      fc.property(fc.array(fc.tuple(reading, settled), { maxLength: 12 }), (readings) => {
        const text = new StableText();
        let [stable, until] = ["", -Infinity];
        for (const [i, [letters, settle]] of readings.entries()) {
          if (settle !== null) text.settleUntil(settle);
          const read = letters.map(([one, jitter], at) => ({
            text: one,
            start: at / 3 + jitter,
            end: at / 3 + jitter + 0.2,
          }));
          text.read(read, i / 3);
          expect(text.stable.startsWith(stable)).toBe(true);
          expect(text.until).toBeGreaterThanOrEqual(until);
          ({ stable, until } = text);
          const open = read.filter(({ start, end }) => (start + end) / 2 > until);
          expect(text.tentative.trimStart()).toBe(
            open
              .map((one) => one.text)
              .join("")
              .trimStart(),
          );
        }
      }),
    );
  });

  it("is stable where two readings in a row have the same pieces, 0.16 s behind the end of the audio", () => {
    const text = new StableText();
    text.read(pieces("abc"), 0.9);
    expect([text.stable, text.tentative]).toEqual(["", "abc"]);
    text.read(pieces("abd"), 1.2);
    expect([text.stable, text.tentative]).toEqual(["ab", "d"]);
    text.read(pieces("xydef"), 1.3); // what is before the stable text's end is not looked at
    expect([text.stable, text.tentative]).toEqual(["abd", "ef"]);
    text.read(pieces("abdef"), 1.65);
    expect([text.stable, text.tentative]).toEqual(["abde", "f"]);
    text.read(pieces("abde"), 3);
    expect([text.stable, text.tentative]).toEqual(["abde", ""]);
  });

  it("takes a reading that begins later, and pieces that moved by a frame", () => {
    const text = new StableText();
    text.read(pieces("abcd"), 2);
    text.read(pieces("abcd"), 2);
    expect(text.stable).toBe("abcd");
    text.read(pieces("bcdef", 1 / 3 + 0.06), 3);
    text.read(pieces("bcdef", 1 / 3 - 0.06), 3);
    expect([text.stable, text.tentative]).toEqual(["abcdef", ""]);
  });

  it("settles what it has, when it is told to", () => {
    const text = new StableText();
    text.read(pieces(" abc"), 3);
    expect([text.stable, text.tentative]).toEqual(["", "abc"]);
    text.settleUntil(1);
    expect([text.stable, text.tentative]).toEqual(["ab", "c"]);
    text.read(pieces("xyzcd"), 3);
    expect([text.stable, text.tentative]).toEqual(["abc", "d"]);
  });
});
