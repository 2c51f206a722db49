/** For how long a reader keeps the event loop from a turn. */
import type { Reader } from "./readers/reader.ts";

const REPETITIONS = 5;

/**
 * Processor time between two turns of the loop, at most, in milliseconds; the least of some repetitions, of which the first
 * compile. `onReading` is called before each, with its number.
 */
export async function heldBy(
  reader: Pick<Reader, "read">,
  bytes: Buffer,
  onReading?: (number: number) => void,
): Promise<number> {
  let least = Infinity;
  for (let number = 1; number <= REPETITIONS; number++) {
    onReading?.(number);
    least = Math.min(least, await heldOnce(reader, bytes));
  }
  return least;
}

async function heldOnce(reader: Pick<Reader, "read">, bytes: Buffer): Promise<number> {
  let longest = 0;
  let before = process.cpuUsage();
  const measure = (): void => {
    const { user, system } = process.cpuUsage(before);
    longest = Math.max(longest, (user + system) / 1000);
    before = process.cpuUsage();
  };
  let turn = setImmediate(function again() {
    measure();
    turn = setImmediate(again);
  });
  try {
    await reader.read(bytes);
  } catch {
    // its error has been judged before
  }
  measure();
  clearImmediate(turn);
  return longest;
}
