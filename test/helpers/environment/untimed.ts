/** A result as bytes, without how long its steps took: those of its segments too. */
export function untimed(result: object): string {
  return JSON.stringify(result, (key, value: unknown) => (key === "timings" ? undefined : value));
}
