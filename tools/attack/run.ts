/** `npm run attack`: reads every hostile input of the catalog, or some, and prints a line for each kind. */
import { commandLine, refuse, wholeNumber } from "../flags.ts";
import { attack } from "./attack.ts";
import { kinds } from "./catalog.ts";
import type { Kind } from "./catalog.ts";
import { measureTimes } from "./times.ts";

const help = `npm run attack -- [--kind KIND]… [--only TEXT] [--every N]
npm run attack -- --times [--only TEXT] [--slow]

Reads every hostile input of the catalog in processes of their own, and prints a line for each kind. A case holds if it is
read or refused as it must be, within its time and memory. Exit code 1 where one does not, 2 for a wrong flag.

  --kind KIND   this kind alone, may be repeated: ${Object.keys(kinds).join(", ")}
  --only TEXT   cases whose name has this text
  --every N     one case in N
  --times       the time of each reader of texts for 64 kiB, 256 kiB and 1 MiB of each shape, and the exponent e of
                time ~ size^e between the first and the last: at most 1.2 where the time can be measured (above 100 ms), and at
                most a second for 1 MiB
  --slow        with --times: print what is too slow only`;

const known = Object.keys(kinds) as Kind[];
const isKind = (name: string): name is Kind => known.some((kind) => kind === name);

const { values: flags } = commandLine(help, {
  kind: { type: "string", multiple: true },
  only: { type: "string", default: "" },
  every: { type: "string", default: "1" },
  times: { type: "boolean", default: false },
  slow: { type: "boolean", default: false },
});
const chosen = flags.kind ?? known;
const unknown = chosen.find((name) => !isKind(name));
if (unknown !== undefined) refuse(`no kind ${unknown}`, help);
const every = wholeNumber("--every", flags.every, help);

if (flags.times) {
  process.exitCode = (await measureTimes(flags.only, flags.slow)) === 0 ? 0 : 1;
} else {
  let [cases, faults] = [0, 0];
  const start = performance.now();
  console.log("kind          cases   held   slowest   largest");
  for (const kind of known.filter((one) => chosen.includes(one))) {
    const report = await attack(kind, { every, only: flags.only });
    if (report.cases === 0) continue;
    const held = report.cases - report.faults.length;
    console.log(
      `${kind.padEnd(12)} ${String(report.cases).padStart(6)} ${String(held).padStart(6)}` +
        `${report.milliseconds.toFixed(0).padStart(7)} ms${report.mebibytes.toFixed(0).padStart(6)} MiB`,
    );
    for (const fault of report.faults) console.log(`  ✗ ${fault}`);
    cases += report.cases;
    faults += report.faults.length;
  }
  const seconds = ((performance.now() - start) / 1000).toFixed(0);
  console.log(`${cases} cases, ${faults} not held, Node ${process.versions.node}, ${seconds} s`);
  if (cases === 0) refuse("no case has this name", help);
  process.exitCode = faults === 0 ? 0 : 1;
}
