/** How the time of every text reader grows with the size of its text, for every shape. */
import type { Measurement } from "./measure.ts";
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
/** MiB: what is read of 1 MiB fits, so that the time of moving it, which small texts have none of, is not measured. */
const semiSpace = 128;
/** Measurements of what is above: what else the processor does, compilation and garbage collection only add to a time. */
const fewest = 3;
/** Of what seems too slow. */
const most = 8;

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
  await using runner = new Runner({ semiSpace });
  let faults = 0;
  let [steepest, slowest] = [0, 0];
  for (const [index, { name }] of chosen) {
    const ask = (size: number): Promise<Measurement> => runner.measure({ index, size }, patience);
    const { outcome, times, exponent, isFault } = await timesOf(ask);
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

/** The least times for each size, which are measured again where they are long enough, and while they are too long. */
export async function timesOf(ask: (size: number) => Promise<Measurement>): Promise<Times> {
  const times = sizes.map(() => Infinity);
  for (let repetition = 1; ; repetition++) {
    let outcome = "";
    for (const [i, size] of sizes.entries()) {
      const measured = await ask(size);
      outcome = measured.outcome;
      times[i] = Math.min(times[i]!, measured.milliseconds);
      if (!isKnown(outcome)) return { outcome, times, exponent: NaN, isFault: true };
    }
    const [first = 0, , last = 0] = times;
    // The slope of the line through the three points of equal distances, which the middle one does not change.
    const exponent = Math.log(last / first) / Math.log(sizes[2] / sizes[0]);
    const isMeasurable = last > leastMilliseconds;
    const isFault = last > mostMilliseconds || (isMeasurable && exponent > mostExponent);
    if (repetition >= (isFault ? most : isMeasurable ? fewest : 1))
      return { outcome, times, exponent, isFault };
  }
}
