/** How fast a recording was transcribed: rates for JSON, and the text of `--stats`. */
import type { Transcription } from "../longform/result.ts";
import { render, table } from "./content.ts";

/** Tokens per second of two steps, where they ran; and seconds of work for a second of audio. */
interface Rates {
  /** The prompt and the audio, as the language model reads them. */
  readonly prefill?: number;
  /** What the language model writes. */
  readonly generate?: number;
  readonly realTimeFactor?: number;
}

type Measured = Pick<Transcription, "counts" | "timings" | "duration">;

/** `start`: where the transcription begins in the recording, in seconds. */
export function ratesOf({ counts, timings, duration = 0 }: Measured, start = 0): Rates {
  const seconds = duration - start;
  return {
    ...rate("prefill", promptTokens(counts) + counts.audioTokens, timings.prefill),
    ...rate("generate", counts.generatedTokens, timings.generate),
    ...(seconds > 0 ? { realTimeFactor: rounded(timings.total / 1000 / seconds) } : {}),
  };
}

/** A line for the recording, one for each step, and one for each kind of tokens. */
export function statsText(name: string, measured: Measured, start = 0): string {
  const { counts, timings, duration = 0 } = measured;
  const { total, ...steps } = timings;
  const rates = ratesOf(measured, start);
  const speed = (tokens: number | undefined): string =>
    tokens === undefined ? "" : `${tokens.toFixed(1)} tokens/s`;
  const rows: (readonly string[])[] = [
    ...Object.entries(steps).map(([step, time]) => [step, milliseconds(time)]),
    ["total", milliseconds(total)],
    ["prompt tokens", String(promptTokens(counts))],
    ["audio tokens", String(counts.audioTokens), speed(rates.prefill)],
    ["output tokens", String(counts.generatedTokens), speed(rates.generate)],
    ...(counts.steps === 0
      ? []
      : [["decoder steps", String(counts.steps), `${counts.accepted} drafted tokens accepted`]]),
  ];
  const width = Math.max(...rows.map(([, value = ""]) => value.length));
  const aligned = rows.map(([label = "", value = "", ...more]) => [
    `  ${label}`,
    value.padStart(width),
    ...more,
  ]);
  return `${summary(name, duration - start, total, rates)}\n${render(table(aligned))}`;
}

/** One line for all files of a batch. */
export function totalText(all: readonly { readonly seconds: number; readonly total: number }[]): string {
  const seconds = all.reduce((sum, one) => sum + one.seconds, 0);
  const total = all.reduce((sum, one) => sum + one.total, 0);
  const realTimeFactor = seconds > 0 ? total / 1000 / seconds : undefined;
  return summary(
    `${all.length} files`,
    seconds,
    total,
    realTimeFactor === undefined ? {} : { realTimeFactor },
  );
}

function summary(name: string, seconds: number, total: number, { realTimeFactor }: Rates): string {
  const factor = realTimeFactor === undefined ? "" : `, real-time factor ${realTimeFactor.toFixed(3)}`;
  return `${name}: ${seconds.toFixed(2)} s of audio in ${(total / 1000).toFixed(2)} s${factor}`;
}

const promptTokens = ({ prefixTokens, suffixTokens }: Measured["counts"]): number =>
  prefixTokens + suffixTokens;

function rate(step: "prefill" | "generate", tokens: number, time: number | undefined): Partial<Rates> {
  return time === undefined || time === 0 || tokens === 0 ? {} : { [step]: rounded((1000 * tokens) / time) };
}

const milliseconds = (time: number): string => `${time.toFixed(1)} ms`;
const rounded = (value: number): number => Math.round(value * 1000) / 1000;
