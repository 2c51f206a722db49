/**
 * Sixty thousand characters and more of what is slow for careless code: every format is written in linear time. Quadratic code takes
 * minutes, or fails as `Math.max(...)` does.
 */
import { describe, expect, it } from "vitest";
import { OUTPUT_FORMATS } from "../../../src/text/outputs/formats.ts";
import type { OutputName } from "../../../src/text/outputs/formats.ts";
import { alignByEdit } from "../../../src/text/timestamps/edit-align.ts";
import { placeCharacters } from "../../../src/text/timestamps/place.ts";
import { settle } from "../../../src/text/timestamps/timed.ts";
import { toWords } from "../../../src/text/timestamps/words.ts";
import type { Transcript } from "../../../src/text/outputs/transcript.ts";

const SIZE = 2 ** 16;
const SHAPES: Readonly<Record<string, string>> = {
  "one long word": "a",
  stops: ".",
  "closing quotes": "”",
  "opening brackets": "(",
  dashes: "-",
  "less-than signs": "<",
  abbreviations: "a.b. ",
  ideographs: "中",
  "marks alone": "\u0301",
  "joined emoji": "👩\u200d",
  "line separators": "a\u2028",
  controls: "\u0000",
};

/** Signs have no length, as forced alignment gives them. */
function spoken(unit: string): Transcript {
  const text = unit.repeat(Math.ceil(SIZE / Array.from(unit).length));
  const rough = Array.from(text, (character, i) => ({
    text: character,
    start: i * 0.06,
    end: (i + (/[\p{L}\p{N}]/u.test(character) ? 1 : 0)) * 0.06,
    source: "ctc" as const,
  }));
  const characters = settle(rough);
  const end = characters.at(-1)!.end;
  return {
    text,
    duration: end + 1,
    segments: [{ text, start: 0, end, characters, words: toWords(characters) }],
  };
}

describe.each(Object.entries(SHAPES))("%s", (_, unit) => {
  it("give every format within seconds", { timeout: 60_000 }, () => {
    const transcript = spoken(unit);
    for (const format of Object.keys(OUTPUT_FORMATS) as OutputName[])
      expect(() => OUTPUT_FORMATS[format].write(transcript, { name: "a" })).not.toThrow();
  });
});

it("place and compare long texts in linear time", { timeout: 60_000 }, () => {
  const text = "。".repeat(SIZE);
  const draft = [{ text: "好", start: 1, end: 2 }];
  expect(alignByEdit(text, draft)).toHaveLength(SIZE);
  expect(placeCharacters(text, draft, "cif")).toHaveLength(SIZE);
});
