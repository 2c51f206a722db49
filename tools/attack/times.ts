/**
 * `npm run attack:times -- [WORD…] [--slow]`: the processor time of every text reader with 64 kiB, 256 kiB and 1 MiB of every shape,
 * and the exponent e of time ~ size^e between the last two. `WORD`s select by name, `--slow` prints what is too slow only. Exit code 1 where 1 MiB takes more than a
 * second, or an exponent is above 1.2 where the time can be measured, which is above 100 ms.
 */
import { parseArgs } from "node:util";
import { Runner } from "./runner.ts";
import { textAttacks } from "./texts/readers.ts";
import { shapes } from "./texts/shapes.ts";

const sizes = [2 ** 16, 2 ** 18, 2 ** 20] as const;
/** Times below are noise: compilation, garbage collection. */
const LEAST_MILLISECONDS = 100;
const MOST_EXPONENT = 1.2;
const MOST_MILLISECONDS = 1000;
/** The patience for one text, on a busy machine too. */
const SECONDS = 60;

const { positionals, values: flags } = parseArgs({
  allowPositionals: true,
  options: { slow: { type: "boolean", default: false } },
});
const chosen = [...textAttacks(shapes).entries()].filter(([, { name }]) =>
  positionals.every((word) => name.includes(word)),
);

const isKnown = (outcome: string): boolean => /^[a-z_]+$/u.test(outcome) && outcome !== "hangs";

await using runner = new Runner();
let faults = 0;
for (const [index, { name }] of chosen) {
  const times: number[] = [];
  let outcome = "";
  for (const size of sizes) {
    const measured = await runner.ask({ index, size }, SECONDS);
    outcome = measured.outcome;
    times.push(measured.milliseconds);
    if (!isKnown(outcome)) break;
  }
  const [before = 0, last = 0] = times.slice(-2);
  const exponent = Math.log(last / before) / Math.log(4);
  const steep = last > LEAST_MILLISECONDS && exponent > MOST_EXPONENT;
  const isFault = !isKnown(outcome) || last > MOST_MILLISECONDS || steep;
  if (isFault) faults++;
  if (flags.slow && !isFault) continue;
  const cells = times.map((time) => `${time.toFixed(1)} ms`.padStart(12)).join("");
  console.log(`${isFault ? "✗" : " "}${cells}  ${exponent.toFixed(2)}  ${outcome.padEnd(20)} ${name}`);
}
console.log(`${chosen.length} texts, ${faults} slow or faulty`);
process.exitCode = faults === 0 ? 0 : 1;
