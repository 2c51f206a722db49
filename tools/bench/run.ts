/** `npm run bench`: measures and prints figures; it never fails. Absolute times depend on the machine; compare ratios. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { version } from "../../src/node.ts";
import { commandLine, refuse } from "../flags.ts";
import { nodeBinaries } from "./nodes.ts";
import { headline, sections } from "./sections.ts";
import type { Figures } from "./sections.ts";

const names = Object.keys(sections);
const width = Math.max(...names.map((name) => name.length)) + 2;
const help = `npm run bench -- [--section NAME]… [--here] [--json FILE]

Measures each section in a new process, on this Node and on Node 24, and prints the figures.

  --section NAME   this section alone, may be repeated; without it all but those marked with *
  --here           on this Node only
  --json FILE      write the figures with a description of the machine

${names
  .map((name) => `${sections[name]!.onRequest ? "*" : " "} ${name.padEnd(width)}${sections[name]!.title}`)
  .join("\n")}`;
const { values: flags } = commandLine(help, {
  section: { type: "string", multiple: true },
  here: { type: "boolean" },
  json: { type: "string" },
  /** Internal: measures one section in this process, into a file. */
  into: { type: "string" },
});
const wanted = flags.section ?? names.filter((name) => sections[name]!.onRequest !== true);
const unknown = wanted.filter((name) => !Object.hasOwn(sections, name));
if (unknown.length > 0) refuse(`no section ${unknown.join(", ")}`, help);
if (flags.into === undefined) measureAll();
else writeFileSync(flags.into, JSON.stringify(await sections[wanted[0]!]!.run()));

type Sections = { [section: string]: Figures };

function measureAll(): void {
  const machine = {
    version,
    cpu: cpus()[0]?.model ?? "unknown",
    cores: cpus().length,
    memoryBytes: totalmem(),
  };
  const binaries = flags.here === true ? nodeBinaries().slice(0, 1) : nodeBinaries();
  console.log(`fun-asr ${version}, ${machine.cores} x ${machine.cpu}`);
  const measured = new Map<string, Sections>(binaries.map((node) => [node.version, {}]));
  for (const name of wanted) {
    console.log(`\n${name}: ${sections[name]!.title}`);
    for (const node of binaries) {
      const figures = measure(node.path, name);
      measured.get(node.version)![name] = figures;
      console.log(`  Node ${node.version}`);
      for (const [key, value] of Object.entries(figures)) console.log(`    ${key.padEnd(34)}${show(value)}`);
    }
  }
  if (flags.json === undefined) return;
  const nodes = Object.fromEntries(
    [...measured].map(([node, all]) => [node, { ...headline(all), sections: all }]),
  );
  writeFileSync(flags.json, `${JSON.stringify({ machine, nodes }, undefined, 2)}\n`);
}

/** One section in a new process, so that the peak memory is that of the section. */
function measure(node: string, section: string): Figures {
  const folder = mkdtempSync(join(tmpdir(), "fun-asr-bench-"));
  const file = join(folder, "figures.json");
  try {
    const script = fileURLToPath(import.meta.url);
    execFileSync(node, [script, "--section", section, "--into", file], {
      stdio: ["ignore", "ignore", "inherit"],
    });
    return JSON.parse(readFileSync(file, "utf8")) as Figures;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function show(value: number | string): string {
  if (typeof value === "string") return value.padStart(14);
  return (Number.isInteger(value) ? value.toString() : value.toPrecision(4)).padStart(14);
}
