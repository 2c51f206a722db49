/** No output has a time after the end of the recording. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { shapeCues } from "../../../src/text/outputs/cues.ts";
import { OUTPUT_FORMATS } from "../../../src/text/outputs/formats.ts";
import type { OutputName } from "../../../src/text/outputs/formats.ts";
import { within } from "../../../src/text/timestamps/within.ts";
import { toWords } from "../../../src/text/timestamps/words.ts";
import type { Transcript } from "../../../src/text/outputs/transcript.ts";
import { segment } from "../../helpers/builders/transcripts.ts";

/** A transcript that speaks to the very end of its audio. */
function speech(text: string, duration: number): Transcript {
  const characters = within(segment(text, 0).characters!, duration);
  const words = toWords(characters);
  const end = words.at(-1)?.end ?? duration;
  return { text, duration, segments: [{ text, start: words[0]?.start ?? 0, end, characters, words }] };
}

/** Every time in a file, in seconds. */
function timesIn(format: OutputName, content: string): number[] {
  const clock = /(\d+):(\d+):(\d+[.,]\d+)|(\d+):(\d+\.\d+)/gu;
  if (format === "srt" || format === "vtt" || format === "lrc")
    return Array.from(
      content.matchAll(clock),
      ([, h = "0", m, s, minutes = m!, seconds = s!]) =>
        Number(h) * 3600 + Number(minutes) * 60 + Number(seconds.replace(",", ".")),
    );
  if (format === "ctm" || format === "rttm")
    return content
      .split("\n")
      .filter(Boolean)
      .map((line) => {
        const fields = line.split(" ").slice(format === "ctm" ? 2 : 3);
        return Math.round((Number(fields[0]) + Number(fields[1])) * 1000) / 1000;
      });
  if (format === "textgrid")
    return Array.from(content.matchAll(/xmax = (\S+)/gu), ([, time]) => Number(time));
  if (format === "tsv" || format === "csv")
    return Array.from(content.matchAll(/^\d+[\t,](\d+)/gmu), ([, time]) => Number(time) / 1000);
  return Array.from(content.matchAll(/"end": (\S+?),?$/gmu), ([, time]) => Number(time));
}

describe("outputs", () => {
  it("end a cue with the audio, not half a second later", () => {
    expect(shapeCues(speech("一二三四五六七八九十一二三四五", 3))).toEqual([
      { text: "一二三四五六七八九十一二三四五", start: 0, end: 3 },
    ]);
    expect(shapeCues({ ...speech("一二三", 0.6), duration: 0.7 })).toMatchObject([{ end: 0.7 }]);
    expect(shapeCues({ ...speech("一二三", 0.6), duration: 9 })).toMatchObject([
      { end: expect.closeTo(1.1, 9) },
    ]);
  });

  it("give a TextGrid the length of the audio", () => {
    const grid = OUTPUT_FORMATS.textgrid.write(speech(`好${"!".repeat(30)}`, 2.88));
    expect(new Set(grid.match(/^ {0,8}xmax = .*/gmu))).toEqual(
      new Set(["xmax = 2.88", "        xmax = 2.88"]),
    );
  });

  it.each(Object.keys(OUTPUT_FORMATS) as OutputName[])("never go beyond the audio: %s", (format) => {
    const texts = fc.string({
      unit: fc.constantFrom("中", "a", " ", "，", ".", "!"),
      minLength: 1,
      maxLength: 60,
    });
    fc.assert(
      fc.property(texts, fc.integer({ min: 20, max: 9000 }), (text, milliseconds) => {
        const duration = milliseconds / 1000;
        const content = OUTPUT_FORMATS[format].write(speech(text, duration), { name: "a" });
        const step = format === "lrc" ? 0.005 : 0; // LRC has hundredths
        for (const time of timesIn(format, content)) expect(time).toBeLessThanOrEqual(duration + step);
      }),
    );
  });
});
