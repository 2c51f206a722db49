/** A result as bytes, without its timings and those of its segments. */
export function untimed(result: object): string {
  return JSON.stringify(result, (key, value: unknown) => (key === "timings" ? undefined : value));
}
