/** Stage names by pattern: `*` stands for any run of characters, everything else for itself. */
export function globs(patterns: readonly string[]): (name: string) => boolean {
  const expressions = patterns.map((pattern) => {
    const literal = pattern.split("*").map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/gu, String.raw`\$&`));
    return new RegExp(`^${literal.join(".*")}$`, "u");
  });
  return (name) => expressions.some((expression) => expression.test(name));
}
