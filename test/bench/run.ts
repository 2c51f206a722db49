/**
 * `npm run bench`: measures, and prints what it measured; nothing here passes or fails. `--section NAME` picks sections
 * (all by default), `--json FILE` writes the figures with the machine they are from. Absolute times belong to the machine;
 * compare ratios.
 */
import { writeFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { parseArgs } from "node:util";
import { version } from "../../src/index.ts";
import { sections } from "./sections.ts";
import type { Figures } from "./sections.ts";

const { values: flags } = parseArgs({
  options: { section: { type: "string", multiple: true }, json: { type: "string" } },
});
const wanted = flags.section ?? Object.keys(sections);
const unknown = wanted.filter((name) => !Object.hasOwn(sections, name));
if (unknown.length > 0) {
  console.error(`no section ${unknown.join(", ")}; there are ${Object.keys(sections).join(", ")}`);
  process.exit(2);
}

const machine = {
  version,
  node: process.version,
  cpu: cpus()[0]?.model ?? "unknown",
  cores: cpus().length,
  memoryBytes: totalmem(),
};
console.log(`fun-asr ${version}, Node ${machine.node}, ${machine.cores} x ${machine.cpu}`);
const results: { [section: string]: Figures } = {};
for (const name of wanted) {
  const { title, run } = sections[name]!;
  console.log(`\n${title}`);
  const figures = await run();
  for (const [key, value] of Object.entries(figures)) console.log(`  ${key.padEnd(36)}${show(value)}`);
  results[name] = figures;
}
if (flags.json !== undefined)
  writeFileSync(flags.json, `${JSON.stringify({ machine, ...results }, undefined, 2)}\n`);

function show(value: number | string): string {
  if (typeof value === "string") return value.padStart(14);
  return (Number.isInteger(value) ? value.toString() : value.toPrecision(4)).padStart(14);
}
