/** How the time of every text reader grows with the size of its text, for every shape. */
import { Runner } from "./runner.ts";
import { textAttacks } from "./texts/readers.ts";
import { shapes } from "./texts/shapes.ts";

const sizes = [2 ** 16, 2 ** 18, 2 ** 20] as const;
/** Times below are noise: compilation, garbage collection. */
const leastMilliseconds = 100;
const mostExponent = 1.2;
const mostMilliseconds = 1000;
/** The patience for one text, on a busy machine too. */
const patience = 60;
/** A time that is too long is measured again: the processor may have been interrupted. */
const tries = 3;

const isKnown = (outcome: string): boolean => /^[a-z_]+$/u.test(outcome) && outcome !== "hangs";

interface Times {
  readonly outcome: string;
  readonly times: readonly number[];
  readonly exponent: number;
  readonly isFault: boolean;
}

/** Prints a line for each reader, place and shape whose name has the text, or for what is too slow; returns the number of these. */
export async function measureTimes(only: string, slowOnly: boolean): Promise<number> {
  const chosen = [...textAttacks(shapes).entries()].filter(([, { name }]) => name.includes(only));
  await using runner = new Runner();
  let faults = 0;
  let [steepest, slowest] = [0, 0];
  for (const [index, { name }] of chosen) {
    let measured = await measureOne(runner, index);
    for (let i = 1; i < tries && measured.isFault; i++) measured = await measureOne(runner, index);
    const { outcome, times, exponent, isFault } = measured;
    if (isFault) faults++;
    slowest = Math.max(slowest, times.at(-1)!);
    if (times.at(-1)! > leastMilliseconds) steepest = Math.max(steepest, exponent);
    if (slowOnly && !isFault) continue;
    const cells = times.map((time) => `${time.toFixed(1)} ms`.padStart(12)).join("");
    console.log(`${isFault ? "✗" : " "}${cells}  ${exponent.toFixed(2)}  ${outcome.padEnd(20)} ${name}`);
  }
  console.log(
    `${chosen.length} texts, ${faults} slow or faulty; the slowest takes ${slowest.toFixed(0)} ms for 1 MiB, ` +
      `the largest exponent above ${leastMilliseconds} ms is ${steepest.toFixed(2)}`,
  );
  return faults;
}

async function measureOne(runner: Runner, index: number): Promise<Times> {
  const times: number[] = [];
  let outcome = "";
  for (const size of sizes) {
    const measured = await runner.measure({ index, size }, patience);
    outcome = measured.outcome;
    times.push(measured.milliseconds);
    if (!isKnown(outcome)) break;
  }
  const [before = 0, last = 0] = times.slice(-2);
  const exponent = Math.log(last / before) / Math.log(4);
  const isSteep = last > leastMilliseconds && exponent > mostExponent;
  return { outcome, times, exponent, isFault: !isKnown(outcome) || last > mostMilliseconds || isSteep };
}
