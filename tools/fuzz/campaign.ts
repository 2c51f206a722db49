/** Reads the mutants of several readers in several processes at a time, in batches, and sums up what they came to. */
import type { Batch, BatchResult, Fault } from "./child.ts";
import type { Patience } from "./limits.ts";
import { Worker } from "./worker.ts";

export interface Plan {
  /** Mutants of each reader. */
  readonly counts: ReadonlyMap<string, number>;
  /** The number of the first mutant. */
  readonly from: number;
  readonly workers: number;
  readonly onProgress?: (done: number, faults: number) => void;
  readonly onFault?: (reader: string, fault: Fault) => void;
  /** Faults of one reader after which the rest of its mutants is left out. */
  readonly mostFaults?: number;
  readonly patience?: Patience;
}

export interface ReaderReport {
  readonly mutants: number;
  /** Mutants that were read, and those that were refused, by code. */
  readonly outcomes: ReadonlyMap<string, number>;
  readonly faults: readonly Fault[];
  readonly slowest: readonly [milliseconds: number, index: number];
  /** Processor time of all mutants, in milliseconds. */
  readonly busy: number;
  readonly mebibytes: number;
}

type Tally = { -readonly [Name in keyof ReaderReport]: ReaderReport[Name] } & {
  readonly outcomes: Map<string, number>;
  readonly faults: Fault[];
};

const BATCH = 500;
/** A process is replaced after so many batches, so that it does not grow without end. */
const BATCHES_OF_A_PROCESS = 40;

export async function campaign({
  counts,
  from,
  workers,
  onProgress,
  onFault,
  mostFaults = 20,
  patience,
}: Plan): Promise<ReadonlyMap<string, ReaderReport>> {
  const tallies = new Map<string, Tally>(
    [...counts.keys()].map((name) => [
      name,
      { mutants: 0, outcomes: new Map(), faults: [], slowest: [0, 0], busy: 0, mebibytes: 0 },
    ]),
  );
  const due = batches(counts, from);
  let [done, faults] = [0, 0];
  const work = async (): Promise<void> => {
    await using worker = new Worker(patience);
    for (let count = 1; ; count++) {
      const batch = due.shift();
      if (batch === undefined) return;
      const tally = tallies.get(batch.reader)!;
      if (tally.faults.length >= mostFaults) continue;
      const found = tally.faults.length;
      await readBatch(worker, batch, tally, mostFaults);
      done += batch.to - batch.from;
      faults += tally.faults.length - found;
      for (const fault of tally.faults.slice(found)) onFault?.(batch.reader, fault);
      onProgress?.(done, faults);
      if (count % BATCHES_OF_A_PROCESS === 0) await worker.restart();
    }
  };
  await Promise.all(Array.from({ length: workers }, work));
  return tallies;
}

/** One batch of each reader in turn, so that a run that is stopped has seen all of them. */
function batches(counts: ReadonlyMap<string, number>, start: number): Batch[] {
  const all = [...counts].flatMap(([reader, count]) =>
    Array.from({ length: Math.ceil(count / BATCH) }, (_, i) => ({
      reader,
      from: start + i * BATCH,
      to: start + Math.min(count, (i + 1) * BATCH),
      place: (i + 0.5) / Math.ceil(count / BATCH),
    })),
  );
  return all.toSorted((a, b) => a.place - b.place);
}

/** Reads a batch; one at which the process is lost is read on behind that mutant. A fault counts if a fresh process has it too. */
async function readBatch(
  worker: Worker,
  { reader, from, to }: Batch,
  tally: Tally,
  mostFaults: number,
): Promise<void> {
  for (let next = from; next < to && tally.faults.length < mostFaults;) {
    const outcome = await worker.run({ reader, from: next, to });
    if ("lost" in outcome) {
      const before =
        next < outcome.lost ? await worker.run({ reader, from: next, to: outcome.lost }) : undefined;
      if (before !== undefined && !("lost" in before)) await add(worker, reader, before, tally);
      await confirm(worker, reader, { index: outcome.lost, what: outcome.what }, tally);
      tally.mutants += outcome.lost + 1 - next;
      next = outcome.lost + 1;
    } else {
      await add(worker, reader, outcome, tally);
      tally.mutants += to - next;
      next = to;
    }
  }
}

async function add(worker: Worker, reader: string, result: BatchResult, tally: Tally): Promise<void> {
  for (const [outcome, count] of Object.entries(result.outcomes))
    tally.outcomes.set(outcome, (tally.outcomes.get(outcome) ?? 0) + count);
  tally.busy += result.busy;
  if (result.slowest[0] > tally.slowest[0]) tally.slowest = result.slowest;
  tally.mebibytes = Math.max(tally.mebibytes, result.mebibytes);
  for (const fault of result.faults) await confirm(worker, reader, fault, tally);
}

/** Reads the mutant again alone: what it did to a process that had read others, on a busy machine, may be no fault of it. */
async function confirm(worker: Worker, reader: string, fault: Fault, tally: Tally): Promise<void> {
  await worker.restart();
  const again = await worker.run({ reader, from: fault.index, to: fault.index + 1 });
  const isFault = "lost" in again || again.faults.length > 0;
  if (isFault) tally.faults.push(fault);
  else tally.outcomes.set("read or refused alone", (tally.outcomes.get("read or refused alone") ?? 0) + 1);
}
