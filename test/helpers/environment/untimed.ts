/** A result as bytes, without its timings and rates, and those of its segments. */
export function untimed(result: object): string {
  return JSON.stringify(result, (key, value: unknown) =>
    key === "timings" || key === "rates" ? undefined : value,
  );
}
