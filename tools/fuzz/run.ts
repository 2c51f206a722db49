/**
 * `npm run fuzz`: 20,000 damaged files for each reader. `--runs N` changes the number, `--from N` starts at mutant N,
 * `--reader NAME` selects readers. A fault names its mutant; the same number makes the same mutant.
 */
import { parseArgs } from "node:util";
import { readers } from "./readers.ts";
import type { Reader, ReaderName } from "./readers.ts";
import { survey } from "./survey.ts";

const { values: flags } = parseArgs({
  options: {
    runs: { type: "string", default: "20000" },
    from: { type: "string", default: "0" },
    reader: { type: "string", multiple: true },
  },
});
const names = (flags.reader ?? Object.keys(readers)) as readonly ReaderName[];
const unknown = names.filter((name) => !Object.hasOwn(readers, name));
if (unknown.length > 0) {
  console.error(`no reader ${unknown.join(", ")}; there are ${Object.keys(readers).join(", ")}`);
  process.exit(2);
}
const from = Number(flags.from);
const to = from + Number(flags.runs);
for (const name of names) {
  const start = performance.now();
  const { read, refused, slowest } = await survey(readers[name] as Reader, from, to);
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  console.log(
    `${name.padEnd(12)} ${read} read, ${refused} refused, slowest ${slowest.toFixed(0)} ms, ${seconds} s in all`,
  );
}
