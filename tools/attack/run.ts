/**
 * `npm run attack -- [KIND…] [--every N]`: reads every hostile input of the catalog, or one in N, and prints a line for each
 * kind. A case holds if it is read or refused as it must be, within its time and memory. Exit code 1 where one does not.
 */
import { parseArgs } from "node:util";
import { attack } from "./attack.ts";
import { kinds } from "./catalog.ts";
import type { Kind } from "./catalog.ts";

const { positionals, values: flags } = parseArgs({
  allowPositionals: true,
  options: { every: { type: "string", default: "1" } },
});
const known = Object.keys(kinds) as Kind[];
const unknown = positionals.filter((name) => !known.some((kind) => kind === name));
if (unknown.length > 0) {
  console.error(`no kind ${unknown.join(", ")}; there are ${known.join(", ")}`);
  process.exit(2);
}

let [cases, faults] = [0, 0];
console.log("kind          cases   held   slowest   largest");
for (const kind of known.filter((kind) => positionals.length === 0 || positionals.includes(kind))) {
  const report = await attack(kind, Number(flags.every));
  const held = report.cases - report.faults.length;
  console.log(
    `${kind.padEnd(12)} ${String(report.cases).padStart(6)} ${String(held).padStart(6)}` +
      `${report.milliseconds.toFixed(0).padStart(7)} ms${report.mebibytes.toFixed(0).padStart(6)} MiB`,
  );
  for (const fault of report.faults) console.log(`  ✗ ${fault}`);
  cases += report.cases;
  faults += report.faults.length;
}
console.log(`${cases} cases, ${faults} not held`);
process.exitCode = faults === 0 ? 0 : 1;
