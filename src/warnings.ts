/** Warnings: the result is usable, but something unexpected happened. A stable code for programs, a sentence for people. */

/** Stable, documented, never reused. */
type WarningCode =
  | "audio" // the file is damaged or ends early, and what there is was used
  | "antiphase" // the channels cancel each other out, and one of them was taken
  | "cut" // speech was cut where a window ended, and words may be missing there
  | "silence" // there is no speech
  | "repetition" // the text was cut in a loop, or speech behind a repetition is missing or has the CTC draft's text
  | "truncated" // the text was cut at the most tokens allowed
  | "retried" // the first attempts were rejected
  | "disagreement" // the two decoders gave different texts
  | "approximate_times" // some times are not the model's own
  | "interrupted" // the transcription was not completed, and this is what was final
  | "option_ignored"; // the model has no use for an option that was given

export interface Warning {
  readonly code: WarningCode;
  readonly message: string;
}

export function warning(code: WarningCode, message: string): Warning {
  return { code, message };
}

/** Equal warnings as one with their number, where the first of them stands. */
export function collapsed(warnings: readonly Warning[]): Warning[] {
  const counts = new Map<string, { readonly first: Warning; count: number }>();
  for (const first of warnings) {
    const key = `${first.code} ${first.message}`;
    const known = counts.get(key);
    if (known === undefined) counts.set(key, { first, count: 1 });
    else known.count++;
  }
  return [...counts.values()].map(({ first, count }) => ({
    ...first,
    message: counted(first.message, count),
  }));
}

/** The message of something that happened `count` times. */
export function counted(message: string, count: number): string {
  return count === 1 ? message : `${message} (${count} times)`;
}
