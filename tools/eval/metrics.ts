/**
 * Error rates of the demo model, exactly as fixtures/demo-model/metrics.py computes them. Text is normalized (NFC, lower
 * case, punctuation removed, blanks collapsed); Chinese is scored in characters without blanks (CER), English in words
 * (WER). A rate is the sum of edit distances over the sum of reference lengths, in percent.
 */

import { distance } from "../../src/edit-distance.ts";
import { normalize } from "../../src/text/error-rate.ts";

export { distance, normalize };

export type Language = "zh" | "en";

export interface Scored {
  readonly language: Language;
  readonly reference: string;
  readonly hypothesis: string;
}

/** What is counted: characters or words. */
export function units(language: Language, text: string): string[] {
  const clean = normalize(text);
  if (language === "zh") return Array.from(clean.replaceAll(" ", ""));
  return clean === "" ? [] : clean.split(" ");
}

/** Percent, to two decimals. */
export function errorRate(scored: readonly Scored[]): number {
  let errors = 0;
  let total = 0;
  for (const { language, reference, hypothesis } of scored) {
    const wanted = units(language, reference);
    errors += distance(wanted, units(language, hypothesis));
    total += wanted.length;
  }
  return percent(errors, total);
}

/** Share of texts that are exactly right, in percent. */
export function exactRate(scored: readonly Scored[]): number {
  return percent(
    scored.filter(({ reference, hypothesis }) => reference === hypothesis).length,
    scored.length,
  );
}

function percent(part: number, whole: number): number {
  return Math.round((10_000 * part) / Math.max(whole, 1)) / 100;
}
