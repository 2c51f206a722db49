/** Damages valid files by a seed: each mutant is read, or refused with a `FunAsrError`; anything else is a fault. */
import { FunAsrError } from "../../src/errors.ts";
import { mutant } from "../../test/helpers/builders/mutate.ts";
import type { Reader } from "./readers.ts";

interface Survey {
  readonly read: number;
  readonly refused: number;
  /** The largest processor time of one mutant, in milliseconds. */
  readonly slowest: number;
}

/** Mutants `from` up to `to` of each of the reader's files. Throws at the first fault. */
export async function survey(reader: Reader, from: number, to: number): Promise<Survey> {
  const count = { read: 0, refused: 0, slowest: 0 };
  for (let index = from; index < to; index++) {
    const { file, bytes, fields } = reader.originals[index % reader.originals.length]!;
    const damaged = mutant(bytes, fields, index);
    const start = process.cpuUsage();
    try {
      await reader.read(damaged);
      count.read++;
    } catch (error) {
      if (!(error instanceof FunAsrError)) throw new Error(`mutant ${index} of ${file}`, { cause: error });
      count.refused++;
    }
    const { user, system } = process.cpuUsage(start);
    count.slowest = Math.max(count.slowest, (user + system) / 1000);
  }
  return count;
}
