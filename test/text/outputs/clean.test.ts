/** Text that would mean something to a player, a terminal or a spreadsheet. */
import Papa from "papaparse";
import { describe, expect, it } from "vitest";
import { forSubRip, withoutControls } from "../../../src/text/outputs/clean.ts";
import { OUTPUT_FORMATS } from "../../../src/text/outputs/formats.ts";
import type { OutputName } from "../../../src/text/outputs/formats.ts";
import { segment, transcript } from "../../helpers/builders/transcripts.ts";

const write = (format: OutputName, text: string): string =>
  OUTPUT_FORMATS[format].write(transcript(segment(text, 0, 0.05)), { name: "a\u001bb" });

describe("SubRip", () => {
  it.each([
    ["<b>bold</b>", "‹b›bold‹/b›"],
    ['<font color="red">x', '‹font color="red"›x'],
    ["a < b and c > d", "a ‹ b and c › d"],
    ["a < b", "a < b"],
    ["a <b", "a ‹b"],
    ["a > b", "a > b"],
    ["{\\an8}top", "(\\an8)top"],
    ["{y:i}x", "(y:i)x"],
    ["<<b>>", "‹‹b››"],
    ["1 --> 2", "1 -> 2"],
    ["<b\n>", "‹b\n›"],
    ["<i>1 --> 2", "‹i›1 -› 2"],
  ])("has no markup from the text: %s", (text, wanted) => {
    expect(forSubRip(text)).toBe(wanted);
    expect(forSubRip(wanted)).toBe(wanted);
    expect(wanted).not.toMatch(/<[^<>]*>|<[a-z/]|\{/u); // what players strip or obey
  });
});

describe("controls", () => {
  const NASTY = "a\u001b]52;c;eA==\u0007b\u009b31m\u0000c\u202ed\u2066e\u007f";

  it("are left out of every text format, and escaped in JSON", () => {
    expect(withoutControls(NASTY)).toBe("a]52;c;eA==b31mcde");
    expect(withoutControls("a\tb\nc\u200e\u200fd\u200d")).toBe("a\tb\nc\u200e\u200fd\u200d");
    for (const format of Object.keys(OUTPUT_FORMATS) as OutputName[]) {
      const content = write(format, `${NASTY} 好`);
      const allowed = format === "json" ? /[\u007f\u009b\u202e\u2066]/gu : /(?!)/gu; // valid in JSON
      expect(content.replaceAll(allowed, "").replaceAll(/[\t\r\n]/gu, "")).not.toMatch(
        /[\p{Cc}\u202a-\u202e\u2066-\u2069]/u,
      );
    }
  });
});

describe("formulas", () => {
  it.each(["=1+2", "+1", "-5 degrees", "@SUM(A1)", "＝1", "\t=1", '=cmd|" /C calc"!A0'])(
    "%s is text in CSV",
    (text) => {
      const { data } = Papa.parse<string[]>(write("csv", text), { skipEmptyLines: true });
      expect(data[1]![2]).toBe(`'${text.trim()}`);
      const kept = OUTPUT_FORMATS.csv.write(transcript(segment(text, 0)), { formulas: "keep" });
      expect(Papa.parse<string[]>(kept).data[1]![2]).toBe(text.trim());
      expect(write("tsv", text).split("\n")[1]!.split("\t")[2]).toBe(text.trim());
      const tsv = OUTPUT_FORMATS.tsv.write(transcript(segment(text, 0)), { formulas: "escape" });
      expect(tsv.split("\n")[1]!.split("\t")[2]).toBe(`'${text.trim()}`);
    },
  );

  it("leaves other cells as they are", () => {
    for (const text of ["a=1", "5-3", "好", "'quoted", "−5"]) {
      const { data } = Papa.parse<string[]>(write("csv", text));
      expect(data[1]![2]).toBe(text);
    }
  });
});
