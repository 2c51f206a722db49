import fc from "fast-check";
import { expect, it } from "vitest";
import { mended } from "../../src/audio/mend.ts";
import { openBytes } from "../../src/platform/bytes.ts";

it("any range of a mended source has the bytes of the mends, where they are", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.nat(6), fc.integer({ min: 1, max: 5 })), { maxLength: 8 }),
      fc.nat(99),
      fc.nat(99),
      async (gaps, one, other) => {
        const whole = new Uint8Array(100);
        const mends = [];
        let at = 0;
        for (const [gap, length] of gaps) {
          const bytes = Uint8Array.from({ length }, (_, i) => 10 * mends.length + i + 1);
          mends.unshift({ offset: at + gap, bytes });
          whole.set(bytes, at + gap);
          at += gap + length;
        }
        const [from, to] = [Math.min(one, other), Math.max(one, other)];
        const target = new Uint8Array(to - from);
        await mended(openBytes(new Uint8Array(100)), 100, mends).read(from, target);
        expect(target).toEqual(whole.slice(from, to));
      },
    ),
    { numRuns: 500 },
  );
});
