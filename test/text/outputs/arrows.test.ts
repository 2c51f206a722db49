import { parse } from "@plussub/srt-vtt-parser";
import { describe, expect, it } from "vitest";
import { toSrt, toVtt } from "../../../src/text/outputs/subtitles.ts";
import { toCsv } from "../../../src/text/outputs/tables.ts";
import { segment, transcript } from "../../helpers/builders/transcripts.ts";

describe("text that looks like a part of the format", () => {
  it.each([
    ["a --> b", "a -> b"],
    ["a ---> b", "a -> b"],
    ["a ------>>b -->", "a ->>b ->"],
    ["00:00:01,000 --> 00:00:02,000", "00:00:01,000 -> 00:00:02,000"],
    ["a -> b", "a -> b"],
  ])("has no arrow in SubRip: %s", (text, wanted) => {
    const spoken = transcript(segment(text, 1, 0.05));
    const srt = toSrt(spoken, { maxChars: 99 });
    expect(srt.match(/-->/gu)).toHaveLength(1);
    expect(parse(srt).entries.map((entry: { text: string }) => entry.text)).toEqual([wanted]);
    expect(toVtt(spoken, { maxChars: 99 }).match(/-->/gu)).toHaveLength(1);
  });
});

describe("CSV for Excel", () => {
  it("begins with a byte order mark where that is asked for, and is the same otherwise", () => {
    const spoken = transcript(segment("大家好", 1));
    const plain = toCsv(spoken);
    expect(plain).toBe('start,end,text\r\n1000,1600,"大家好"\r\n');
    expect(toCsv(spoken, { bom: true })).toBe(`\ufeff${plain}`);
    expect(Array.from(new TextEncoder().encode(toCsv(spoken, { bom: true })).slice(0, 3))).toEqual([
      0xef, 0xbb, 0xbf,
    ]);
  });
});
