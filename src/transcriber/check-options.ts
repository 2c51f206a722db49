/**
 * Options that mean something: a caller without types who writes `decoder: "CTC"` is told, instead of getting another
 * result than he thinks. Other options are checked where they are used.
 */
import { UsageError } from "../errors.ts";
import { SILENCE_GATES } from "../recognizers/recognizer.ts";
import type { TranscribeOptions } from "./types.ts";

const choices: { readonly [name in keyof TranscribeOptions]?: readonly unknown[] } = {
  decoder: ["llm", "ctc"],
  timestamps: ["none", "token", "word"],
  silenceGate: SILENCE_GATES,
  lowFrameRate: [true, false],
  cmvn: ["file", "off"],
  itn: [true, false],
  logprobs: [true, false],
};

/** Throws `bad_option` for values that no option has. */
export function checkOptions(options: TranscribeOptions): void {
  const values = options as Readonly<Record<string, unknown>>;
  for (const [name, known] of Object.entries(choices)) {
    const value = values[name];
    if (value !== undefined && !known.includes(value))
      throw new UsageError("bad_option", name, JSON.stringify(value), { wanted: known.join(", ") });
  }
  for (const name of ["language", "context"] as const) {
    const value = values[name];
    if (value !== undefined && typeof value !== "string")
      throw new UsageError("bad_option", name, typeof value, { wanted: "a string" });
  }
  const { maxNewTokens: most = "auto" } = options;
  if (most !== "auto" && !(Number.isInteger(most) && most > 0))
    throw new UsageError("bad_option", "maxNewTokens", String(most), {
      wanted: "an integer from 1, or auto",
    });
}
