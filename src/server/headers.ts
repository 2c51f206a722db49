/** Headers of replies that have something to say beside their form. */
import type { Warning } from "../warnings.ts";

const MAX_LENGTH = 1_000;

/** The fields that have no effect, and the codes of the warnings; neither where there are none. */
export function headersOf(ignored: readonly string[], warnings: readonly Warning[]): Record<string, string> {
  const codes = [...new Set(warnings.map(({ code }) => code))];
  return {
    ...(ignored.length === 0 ? {} : { "x-fun-asr-ignored": listOf(ignored) }),
    ...(codes.length === 0 ? {} : { "x-fun-asr-warnings": listOf(codes) }),
  };
}

/** Names of clients may hold anything. */
function listOf(names: readonly string[]): string {
  return names
    .map((name) => name.replaceAll(/[^\w.[\]-]/gu, "?"))
    .join(", ")
    .slice(0, MAX_LENGTH);
}
