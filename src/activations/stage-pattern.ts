/** Stage names by pattern: `*` stands for any run of characters, everything else for itself. */
import { matchNames } from "../text/wildcards.ts";

export function globs(patterns: readonly string[]): (name: string) => boolean {
  const matchers = patterns.map(matchNames);
  return (name) => matchers.some((matches) => matches(name));
}
