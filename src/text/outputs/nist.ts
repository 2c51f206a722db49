/**
 * The formats of NIST's scoring tools. CTM: a line for each word with its start, duration and confidence. RTTM: a
 * line for each segment; without diarization the speaker is unknown.
 */
import { oneLine } from "./clean.ts";
import { startAndDuration } from "./clock.ts";
import { allWords } from "./transcript.ts";
import type { Transcript } from "./transcript.ts";

/** Without the punctuation around it, which scoring tools would count as part of the word. */
const INNER = /[\p{L}\p{M}\p{N}](?:[^]*[\p{L}\p{M}\p{N}])?/u;

/** `name` is the recording's; its spaces are replaced, since spaces separate the fields. */
export function toCtm(transcript: Transcript, name: string): string {
  return allWords(transcript)
    .map((unit) => {
      const { text, score } = unit;
      const word = (INNER.exec(oneLine(text))?.[0] ?? "").replaceAll(" ", "_");
      const confidence = score === undefined ? "" : ` ${score.toFixed(3)}`;
      return `${field(name)} 1 ${startAndDuration(unit)} ${word}${confidence}\n`;
    })
    .join("");
}

export function toRttm({ segments }: Transcript, name: string): string {
  return segments
    .map((segment) => `SPEAKER ${field(name)} 1 ${startAndDuration(segment)} <NA> <NA> speech <NA> <NA>\n`)
    .join("");
}

function field(name: string): string {
  return oneLine(name).replaceAll(" ", "_") || "audio";
}
