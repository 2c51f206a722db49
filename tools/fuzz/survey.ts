/** Reads mutants in this process: each is read, or refused with a `FunAsrError`; anything else is a fault. */
import { judge, mutantOf } from "./judge.ts";
import { readerOf } from "./readers/index.ts";

interface Survey {
  readonly read: number;
  readonly refused: number;
  /** The largest processor time of one mutant, in milliseconds. */
  readonly slowest: number;
}

/** Mutants `from` up to `to` of a reader. Throws at the first fault. */
export async function survey(name: string, from: number, to: number): Promise<Survey> {
  const reader = readerOf(name);
  const count = { read: 0, refused: 0, slowest: 0 };
  for (let index = from; index < to; index++) {
    const { fault, outcome, milliseconds } = await judge(reader, mutantOf(reader, index).bytes);
    if (fault !== undefined) throw new Error(`mutant ${index} of ${name} ${fault}`);
    if (outcome === "read") count.read++;
    else count.refused++;
    count.slowest = Math.max(count.slowest, milliseconds);
  }
  return count;
}
