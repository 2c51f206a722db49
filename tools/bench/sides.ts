/** Programs that are measured alternately, each in a process of its own, so that each has its own peak memory. */
import { fork } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { median } from "./peers.ts";

/** Seconds by the names of parts. */
export type Parts = { readonly [part: string]: number };

/** What a program has measured in all rounds. */
export interface Side {
  readonly rounds: readonly Parts[];
  readonly peakBytes: number;
}

interface Answer {
  readonly parts: Parts;
  readonly peakBytes: number;
}

/** Runs each of the programs (a file and its arguments) once in each round, in their order. */
export async function alternately(
  rounds: number,
  programs: readonly (readonly [file: string, ...args: readonly string[]])[],
): Promise<readonly Side[]> {
  const children = programs.map(([file, ...args]) => fork(file, args));
  try {
    for (const child of children) await answerOf(child); // one is prepared after the other
    const sides = children.map(() => ({ rounds: [] as Parts[], peakBytes: 0 }));
    for (let round = 0; round < rounds; round++) {
      for (const [i, child] of children.entries()) {
        child.send("round");
        const { parts, peakBytes } = await answerOf(child);
        sides[i]!.rounds.push(parts);
        sides[i]!.peakBytes = peakBytes;
      }
    }
    return sides;
  } finally {
    for (const child of children) child.kill();
  }
}

async function answerOf(child: ChildProcess): Promise<Answer> {
  const ended = once(child, "exit").then(([code]) => {
    throw new Error(`a measured program ended with ${String(code)}`);
  });
  const [answer] = (await Promise.race([once(child, "message"), ended])) as [Answer];
  ended.catch(() => {}); // it is ended on purpose later
  return answer;
}

/** The program's half: prepares itself, and measures a round whenever it is asked for. */
export async function measureWhenAsked(prepare: () => Promise<() => Promise<Parts>>): Promise<void> {
  const round = await prepare();
  const answer = (parts: Parts): void => {
    const answered: Answer = { parts, peakBytes: process.resourceUsage().maxRSS * 1024 };
    process.send!(answered);
  };
  process.on("message", () => void round().then(answer));
  answer({});
}

export function medians(rounds: readonly Parts[]): Parts {
  const names = Object.keys(rounds[0] ?? {});
  return Object.fromEntries(names.map((name) => [name, median(rounds.map((parts) => parts[name]!))]));
}

/** Seconds of all parts. */
export function totalOf(parts: Parts): number {
  return Object.values(parts).reduce((sum, seconds) => sum + seconds, 0);
}
