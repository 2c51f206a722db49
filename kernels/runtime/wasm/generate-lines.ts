/** Helpers of the generators of AssemblyScript. */

export const range = (length: number): number[] => Array.from({ length }, (_, i) => i);
export const lines = (parts: readonly string[], indent = "    "): string =>
  parts.map((part) => indent + part).join("\n");

/** Stores of vectors side by side. The upper one of two first: otherwise V8, where it pairs them, keeps the lower one as well. */
export function stores(p: string, values: readonly string[]): string {
  if (values.length === 1) return `v128.store(${p}, ${values[0]!});`;
  return values.map((_, i) => `v128.store(${p}, ${values[i ^ 1]!}, ${16 * (i ^ 1)});`).join(" ");
}
