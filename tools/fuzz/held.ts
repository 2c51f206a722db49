/** For how long a reader keeps the event loop from a turn. */
import type { Reader } from "./readers/reader.ts";

/** Processor time between two turns of the loop, at most, in milliseconds; the least of some repetitions, of which the first compile. */
export async function heldBy(reader: Pick<Reader, "read">, bytes: Buffer, repetitions = 5): Promise<number> {
  let least = Infinity;
  for (let i = 0; i < repetitions; i++) least = Math.min(least, await heldOnce(reader, bytes));
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
