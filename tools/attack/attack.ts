/** Reads cases of the catalog in processes of their own, and reports those that are not as they must be. */
import { kinds } from "./catalog.ts";
import type { Kind } from "./catalog.ts";
import { limitsOf } from "./case.ts";
import type { AttackCase } from "./case.ts";
import type { Measurement } from "./measure.ts";
import { Runner } from "./runner.ts";

export interface KindReport {
  readonly kind: Kind;
  readonly cases: number;
  /** The largest processor time of a case in milliseconds, and the largest memory in MiB. */
  readonly milliseconds: number;
  readonly mebibytes: number;
  /** In words, one for each case that did not hold. */
  readonly faults: readonly string[];
}

/** How long a case may take on a busy machine, where its processor time is within its limit, in seconds. */
const PATIENCE = 60;

/** Each case of a kind whose name has the text `only`, or with `every` one in as many. */
export async function attack(kind: Kind, { every = 1, only = "" } = {}): Promise<KindReport> {
  await using runner = new Runner();
  const all: readonly AttackCase[] = await kinds[kind]();
  const chosen = [...all.entries()].filter(([index, { name }]) => index % every === 0 && name.includes(only));
  const faults: string[] = [];
  const most = { milliseconds: 0, mebibytes: 0 };
  for (const [index, one] of chosen) {
    let measured = await runner.measure({ kind, index }, PATIENCE);
    if (faultOf(one, measured) !== undefined) {
      // a process that has read others before is larger, and may have been interrupted
      await runner.restart();
      measured = await runner.measure({ kind, index }, PATIENCE);
    }
    const fault = faultOf(one, measured);
    if (fault !== undefined) faults.push(`${one.name}: ${fault}`);
    most.milliseconds = Math.max(most.milliseconds, measured.milliseconds);
    most.mebibytes = Math.max(most.mebibytes, measured.mebibytes);
  }
  return { kind, cases: chosen.length, ...most, faults };
}

/** What is wrong, in words. */
export function faultOf(one: Omit<AttackCase, "run">, measured: Measurement): string | undefined {
  const { milliseconds, mebibytes } = limitsOf(one);
  if (!(one.expected as readonly string[]).includes(measured.outcome))
    return `${measured.outcome} instead of ${one.expected.join(" or ")}`;
  if (measured.milliseconds > milliseconds)
    return `${measured.milliseconds.toFixed(0)} ms instead of ${milliseconds}`;
  if (measured.mebibytes > mebibytes) return `${measured.mebibytes.toFixed(0)} MiB instead of ${mebibytes}`;
  return undefined;
}
