/** For how long a reader keeps the event loop from a turn. */
import type { Reader } from "./readers/reader.ts";

const REPETITIONS = 5;

/** Node 20 has only the time of all threads, which compile WebAssembly and collect garbage. */
const { threadCpuUsage } = process as { threadCpuUsage?: typeof process.cpuUsage };
export const hasThreadTime = threadCpuUsage !== undefined;

/** Processor time of this thread in milliseconds. */
export function threadTime(): number {
  const { user, system } = (threadCpuUsage ?? process.cpuUsage)();
  return (user + system) / 1000;
}

/**
 * Processor time of the thread between two turns of the loop, at most, in milliseconds; the least of some repetitions, of which
 * the first compile, and none is needed behind one below `enough`. `onReading` is called before each, with its number.
 */
export async function heldBy(
  reader: Pick<Reader, "read">,
  bytes: Buffer,
  enough = 0,
  onReading?: (number: number) => void,
): Promise<number> {
  let least = Infinity;
  for (let number = 1; number <= REPETITIONS && least > enough; number++) {
    onReading?.(number);
    least = Math.min(least, await heldOnce(reader, bytes));
  }
  return least;
}

async function heldOnce(reader: Pick<Reader, "read">, bytes: Buffer): Promise<number> {
  let longest = 0;
  let before = threadTime();
  const measure = (): void => {
    longest = Math.max(longest, threadTime() - before);
    before = threadTime();
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
