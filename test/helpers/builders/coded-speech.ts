/**
 * Sound that spells letters, and a recognizer that reads it: 0.24 s of a loud tone for each letter, whose amplitude is its
 * code, with 0.06 s of background between letters and more where there is a blank.
 */
import type { WindowRecognizer } from "../../../src/longform/window-recognizer.ts";
import { emptyRecognition } from "../../../src/recognizers/result.ts";
import type { TimedText } from "../../../src/text/timestamps/timed.ts";
import { normals } from "./random.ts";

const RATE = 16_000;
const LETTER = 0.24 * RATE;
const GAP = 0.06 * RATE;

/** A digit stands for so many tenths of a second of background. */
export function coded(text: string): Float32Array {
  const parts = Array.from(text, (sign) => {
    if (/\d/u.test(sign)) return new Float32Array((Number(sign) * RATE) / 10);
    const amplitude = 0.2 + (sign.charCodeAt(0) - 97) / 100;
    return Float32Array.from({ length: LETTER + GAP }, (_, i) => {
      if (i >= LETTER) return 0;
      return i % 2 === 0 ? amplitude : -amplitude;
    });
  });
  const samples = normals(
    1,
    parts.reduce((sum, { length }) => sum + length, 0),
    0.0005,
  );
  let at = 0;
  for (const part of parts) {
    for (const [i, value] of part.entries()) samples[at + i] = value === 0 ? samples[at + i]! : value;
    at += part.length;
  }
  return samples;
}

/** The letters in the samples with their times; one whose end is missing is read as a question mark. */
export function decoded(samples: Float32Array): TimedText[] {
  const pieces: TimedText[] = [];
  for (let from = 0; from < samples.length; from++) {
    if (Math.abs(samples[from]!) < 0.1) continue;
    let to = from;
    while (to < samples.length && Math.abs(samples[to]!) >= 0.1) to++;
    const code = Math.round((Math.abs(samples[from]!) - 0.2) * 100);
    const text = to < samples.length ? String.fromCharCode(97 + code) : "?";
    pieces.push({ text, start: from / RATE, end: to / RATE });
    from = to;
  }
  return pieces;
}

export interface CodedRecognizer {
  readonly recognizer: WindowRecognizer;
  /** Numbers of samples that were read for texts that grow. */
  readonly reads: number[];
}

/** A recognizer of coded speech. `onRead` is called before each reading of a text that grows. */
export function codedRecognizer(onRead: () => void = () => {}, hasTimes = true): CodedRecognizer {
  const reads: number[] = [];
  const recognizer = {
    recommended: {},
    recognizer: { hasTimes },
    checkUsable: () => {},
    pieces: async (samples: Float32Array) => {
      onRead();
      reads.push(samples.length);
      return decoded(samples);
    },
    recognize: async (samples: Float32Array) => ({
      ...emptyRecognition,
      text: decoded(samples)
        .map(({ text }) => text)
        .join("")
        .toUpperCase(),
      warnings: [],
    }),
  };
  return { recognizer: recognizer as unknown as WindowRecognizer, reads };
}
