/** A transcript with all kinds of text, timed at 0.2 s for each character. */
import { settle } from "../../../src/text/timestamps/timed.ts";
import { toWords } from "../../../src/text/timestamps/words.ts";
import type { Transcript, TranscriptSegment } from "../../../src/text/outputs/transcript.ts";

export function segment(text: string, start: number, step = 0.2): TranscriptSegment {
  const characters = settle(
    Array.from(text, (character, i) => ({
      text: character,
      start: start + i * step,
      source: "ctc" as const,
      score: 0.5,
    })),
  );
  return { start, end: start + characters.length * step, text, characters, words: toWords(characters) };
}

export function transcript(...segments: TranscriptSegment[]): Transcript {
  const text = segments.map((one) => one.text).join("");
  return { text, duration: (segments.at(-1)?.end ?? 0) + 1, segments };
}

export const SAMPLE = transcript(
  segment("大家好，2026年开会。", 1),
  segment('He said: "A < B & C", then\tleft --> now; ok?', 5.5, 0.06),
  segment("你好👋，世界！", 3599),
);
