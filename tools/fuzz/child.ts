/** The process in which mutants are read: it takes batches. */
import { writeSync } from "node:fs";
import { Worker } from "node:worker_threads";
import { serve } from "../child/serve.ts";
import { MOST_HELD, MOST_MEBIBYTES } from "./limits.ts";
import { heldBy } from "./held.ts";
import { judge, mutantOf } from "./judge.ts";
import type { Verdict } from "./judge.ts";
import { readerOf } from "./readers/index.ts";

export interface Batch {
  readonly reader: string;
  readonly from: number;
  readonly to: number;
}

export interface BatchResult {
  readonly outcomes: Readonly<Record<string, number>>;
  readonly faults: readonly Fault[];
  /** The largest processor time of a mutant, in milliseconds, and which that was. */
  readonly slowest: readonly [milliseconds: number, index: number];
  /** Processor time of the batch with the making of its mutants, in milliseconds. */
  readonly busy: number;
  /** The largest memory of the process so far, in MiB. */
  readonly mebibytes: number;
}

export interface Fault {
  readonly index: number;
  readonly what: string;
}

/** The file in which the parent finds which mutant is being read. */
const progress = Number(process.argv[2]);
/** The mutant, and how often it has been read before. */
const cells = new Int32Array(2);
let current = 0;
let stray: string | undefined;

/** A rejection that nothing handles would end a program. */
for (const event of ["unhandledRejection", "uncaughtException"] as const)
  process.on(event, (error: unknown) => {
    stray = `${event}: ${error instanceof Error ? (error.stack ?? "").split("\n").slice(0, 3).join(" ") : String(error)}`;
  });

async function run({ reader: name, from, to }: Batch): Promise<BatchResult> {
  const reader = readerOf(name);
  const outcomes: Record<string, number> = {};
  const faults: Fault[] = [];
  let slowest: readonly [number, number] = [0, from];
  const start = process.cpuUsage();
  for (current = from; current < to; current++) {
    note(0);
    const { bytes } = mutantOf(reader, current);
    const verdict = await judge(reader, bytes);
    const most = reader.isText === true ? MOST_HELD.texts : MOST_HELD.files;
    const what = await faultOf(verdict, most, () => heldBy(reader, bytes, most, note));
    if (what === undefined) outcomes[verdict.outcome!] = (outcomes[verdict.outcome!] ?? 0) + 1;
    else faults.push({ index: current, what });
    if (verdict.milliseconds > slowest[0]) slowest = [verdict.milliseconds, current];
  }
  const { user, system } = process.cpuUsage(start);
  const busy = (user + system) / 1000;
  return { outcomes, faults, slowest, busy, mebibytes: process.resourceUsage().maxRSS / 1024 };
}

/** Each reading of a mutant has the same patience. */
function note(readings: number): void {
  cells.set([current, readings]);
  writeSync(progress, cells, 0, 8, 0);
}

async function faultOf(
  verdict: Verdict,
  most: number,
  held: () => Promise<number>,
): Promise<string | undefined> {
  const rejection = stray;
  stray = undefined;
  if (verdict.fault !== undefined) return verdict.fault;
  if (rejection !== undefined) return rejection;
  if (verdict.mebibytes > MOST_MEBIBYTES) return `takes ${verdict.mebibytes.toFixed(0)} MiB`;
  if (verdict.ofThread <= most) return undefined;
  const milliseconds = await held();
  return milliseconds > most ? `holds the event loop for ${milliseconds.toFixed(0)} ms` : undefined;
}

new Worker(new URL("clock.js", import.meta.url), { workerData: progress }).unref();
serve(run);
