/** Times in the notation of each format. Rounded once, to whole units, so that 59.9996 s is 00:01:00,000. */

export function milliseconds(seconds: number): number {
  return Math.round(seconds * 1000);
}

/** Start and duration in seconds, to the millisecond; they add up to the end's nearest millisecond. */
export function startAndDuration({ start, end }: { readonly start: number; readonly end: number }): string {
  const [from, to] = [milliseconds(start), milliseconds(end)];
  return `${(from / 1000).toFixed(3)} ${((to - from) / 1000).toFixed(3)}`;
}

/** 01:02:03,004 with the separator of the format. */
export function clock(seconds: number, separator: "," | "."): string {
  const ms = milliseconds(seconds);
  const part = (unit: number, size: number, digits: number): string =>
    String(Math.floor(ms / unit) % size).padStart(digits, "0");
  const hours = String(Math.floor(ms / 3_600_000)).padStart(2, "0");
  return `${hours}:${part(60_000, 60, 2)}:${part(1000, 60, 2)}${separator}${part(1, 1000, 3)}`;
}

/** 62:03.45: minutes are not limited to 59. */
export function lyricClock(seconds: number): string {
  const hundredths = Math.round(seconds * 100);
  const minutes = String(Math.floor(hundredths / 6000)).padStart(2, "0");
  return `${minutes}:${((hundredths % 6000) / 100).toFixed(2).padStart(5, "0")}`;
}
