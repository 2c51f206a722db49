/** The figures of `--stats`: rates of the steps and of the whole, over the seconds that were transcribed. */
import { expect, it } from "vitest";
import { ratesOf, statsText, totalText } from "../../src/cli/transcribe-stats.ts";

/** 40 prompt tokens and 60 of audio in 0.5 s, 30 written ones in 1.5 s; 2.4 s for a recording that ends at 12 s. */
const measured = {
  counts: {
    prefixTokens: 25,
    suffixTokens: 15,
    audioTokens: 60,
    generatedTokens: 30,
    steps: 9,
    accepted: 21,
  },
  timings: { prefill: 500, generate: 1500, total: 2400 },
  duration: 12,
};

it("are tokens by seconds of their step, and seconds of work by seconds of audio", () => {
  expect(ratesOf(measured)).toEqual({ prefill: 200, generate: 20, realTimeFactor: 0.2 });
  expect(ratesOf(measured, 4)).toEqual({ prefill: 200, generate: 20, realTimeFactor: 0.3 });
  expect(ratesOf({ ...measured, duration: 0 })).toEqual({ prefill: 200, generate: 20 });
});

it("are printed for a recording", () => {
  const lines = statsText("a.wav", measured, 4).split("\n");
  expect(lines[0]).toBe("a.wav: 8.00 s of audio in 2.40 s, real-time factor 0.300");
  expect(lines.join("\n")).toMatch(/audio tokens +60 +200\.0 tokens\/s/u);
  expect(lines.join("\n")).toMatch(/output tokens +30 +20\.0 tokens\/s/u);
});

it("are sums for several recordings", () => {
  const all = [
    { seconds: 2, total: 300 },
    { seconds: 3, total: 700 },
  ];
  expect(totalText(all)).toBe("2 files: 5.00 s of audio in 1.00 s, real-time factor 0.200");
  expect(totalText([{ seconds: 0, total: 300 }])).toBe("1 files: 0.00 s of audio in 0.30 s");
});
