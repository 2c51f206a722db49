/** `npm run fuzz`: reads mutants of the seeds of each reader, and prints a line for each reader and for each fault. */
import { writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { commandLine, refuse, wholeNumber } from "../flags.ts";
import { campaign } from "./campaign.ts";
import { heldBy } from "./held.ts";
import { judge, mutantOf } from "./judge.ts";
import { readerOf, readers } from "./readers/index.ts";
import { faultText, summary, table } from "./report.ts";
import { sharesOf } from "./shares.ts";

const help = `npm run fuzz -- [--runs N | --release] [--reader NAME]… [--seed N] [--workers N]
npm run fuzz -- --reader NAME --one K [--save FILE]

Reads mutants of the seeds of each reader in processes of their own, and prints a line for each reader and one for each fault:
an error of another kind, a crash, too much time or memory, an event loop that is held. Exit code 1 where there is one.

  --runs N        mutants of each reader (2000)
  --release       a million of all readers
  --reader NAME   this reader alone, may be repeated: ${Object.keys(readers).join(", ")}
  --seed N        the number of the first mutant (0); the same number makes the same mutant
  --workers N     processes at once (one for each core)
  --one K         reads mutant K of the reader in this process, and prints what it throws
  --save FILE     with --one: write the mutant's bytes`;

const { values: flags } = commandLine(help, {
  runs: { type: "string", default: "2000" },
  release: { type: "boolean", default: false },
  reader: { type: "string", multiple: true },
  seed: { type: "string", default: "0" },
  workers: { type: "string", default: String(availableParallelism()) },
  one: { type: "string" },
  save: { type: "string" },
});
const number = (flag: "runs" | "seed" | "workers", least: number): number =>
  wholeNumber(`--${flag}`, flags[flag], help, least);
const names = flags.reader ?? Object.keys(readers);
const unknown = names.filter((name) => !Object.hasOwn(readers, name));
if (unknown.length > 0) refuse(`no reader ${unknown.join(", ")}`, help);

if (flags.one === undefined) await fuzz();
else await replay(names[0]!, wholeNumber("--one", flags.one, help, 0));

async function fuzz(): Promise<void> {
  const counts = flags.release
    ? sharesOf(names)
    : new Map(names.map((name) => [name, number("runs", 1)] as const));
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  const start = performance.now();
  let shown = 0;
  const reports = await campaign({
    counts,
    from: number("seed", 0),
    workers: number("workers", 1),
    onFault: (reader, fault) => console.error(faultText(reader, fault)),
    onProgress(done, faults) {
      if (performance.now() - shown < 1000 && done < total) return;
      shown = performance.now();
      const seconds = ((shown - start) / 1000).toFixed(0);
      const line = `${done.toLocaleString("en")} of ${total.toLocaleString("en")} mutants, ${faults} faults, ${seconds} s`;
      process.stderr.write(process.stderr.isTTY ? `\r${line}` : `${line}\n`);
    },
  });
  if (process.stderr.isTTY) process.stderr.write("\n");
  console.log(table(reports));
  console.log(summary(reports, (performance.now() - start) / 1000));
  process.exitCode = [...reports.values()].some(({ faults }) => faults.length > 0) ? 1 : 0;
}

async function replay(name: string, index: number): Promise<void> {
  const reader = readerOf(name);
  const { name: of, bytes } = mutantOf(reader, index);
  if (flags.save !== undefined) writeFileSync(flags.save, bytes);
  console.log(`mutant ${index} of ${name}, from ${of}: ${bytes.length} bytes`);
  const { outcome, fault, milliseconds, mebibytes } = await judge(reader, bytes);
  console.log(outcome ?? fault);
  console.log(`${milliseconds.toFixed(1)} ms, ${mebibytes.toFixed(1)} MiB`);
  console.log(`holds the event loop for ${(await heldBy(reader, bytes)).toFixed(1)} ms`);
  await Promise.resolve(reader.read(bytes)).catch((error: unknown) => console.error(error));
  process.exitCode = fault === undefined ? 0 : 1;
}
