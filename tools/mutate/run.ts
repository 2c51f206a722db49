/**
 * `npm run mutate`: changes one token of the code at a time and runs the tests that concern it, the nearest first, until
 * one fails. A mutant that no test kills is a survivor: the code may be wrong there and no test would show it.
 */
import { appendFileSync, existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { commandLine } from "../flags.ts";
import { Copy } from "./copy.ts";
import { Examiner } from "./examine.ts";
import type { Outcome } from "./examine.ts";
import { keyOf, kinds, mutantsOf, shuffled } from "./mutants.ts";
import type { Mutant } from "./mutants.ts";
import { sourcesIn } from "./related.ts";
import { summary } from "./summary.ts";

const help = `npm run mutate -- [options]

  --count N       mutants to try (300)
  --seed TEXT     chooses other mutants (1); the same seed chooses the same ones
  --only GLOB     only files that match, for example "src/audio/**" (all of src, kernels and converters)
  --guards        only the conditions of checks that throw in the readers of files, and the checks themselves
  --kind KIND     only mutants of this kind: ${kinds.join(", ")}
  --budget S      a mutant survives after passing tests that usually take this many seconds (60)
  --resume FILE   append each outcome to this file, and skip mutants whose outcome it has
  --survivors     of those outcomes, try the survivors again
  --help          print this text

Exit code 1: fewer than 95 % were killed, or a mutant in a check of a reader survived.`;
const { values: flags } = commandLine(help, {
  count: { type: "string", default: "300" },
  seed: { type: "string", default: "1" },
  only: { type: "string", default: "**" },
  guards: { type: "boolean", default: false },
  kind: { type: "string" },
  budget: { type: "string", default: "60" },
  resume: { type: "string" },
  survivors: { type: "boolean", default: false },
});

const folder = dirname(fileURLToPath(import.meta.url));
const root = join(folder, folder.includes("dist") ? "../../.." : "../..");
/** Rooms whose files read foreign bytes and texts. */
const readers = /^(?:src\/(?:audio|checkpoints|containers|diff\/archives|platform)|converters\/readers)\//u;
const equivalent = new Map(
  (
    JSON.parse(readFileSync(join(root, "tools/mutate/equivalent.json"), "utf8")) as readonly {
      readonly mutant: string;
      readonly reason: string;
    }[]
  ).map(({ mutant, reason }) => [mutant, reason]),
);

function matches(file: string, glob: string): boolean {
  const parts = glob.split(/(\*\*\/|\*\*|\*)/u).map((part) => {
    if (part === "**/") return "(?:.*/)?";
    if (part === "**") return ".*";
    return part === "*" ? "[^/]*" : part.replace(/[.+?^${}()|[\]\\]/gu, String.raw`\$&`);
  });
  return new RegExp(`^${parts.join("")}$`, "u").test(file);
}

const count = Number(flags.count);
const files = sourcesIn(root, ["src", "kernels", "converters"]).filter((file) => matches(file, flags.only));
const candidates = files
  .flatMap((file) => mutantsOf(file, readFileSync(join(root, file), "utf8")))
  .filter(({ kind }) => flags.kind === undefined || kind === flags.kind)
  .filter(({ file, guard }) => !flags.guards || (guard && readers.test(file)));
const chosen = shuffled(candidates, flags.seed);

/** Seconds of test files: of Vitest's last run of them, and of earlier outcomes. */
const times = new Map<string, number>();
const cache = join(root, "node_modules/.vite/vitest");
for (const name of existsSync(cache) ? readdirSync(cache) : []) {
  const text = readFileSync(join(cache, name, "results.json"), "utf8");
  if (!text.endsWith("]}")) continue; // a run of tests is writing it
  const { results } = JSON.parse(text) as {
    readonly results: readonly (readonly [string, { readonly duration: number }])[];
  };
  for (const [test, { duration }] of results) times.set(test.replace(/^.*:/u, ""), duration / 1000);
}

const earlier = new Map<string, Outcome>();
if (flags.resume !== undefined && existsSync(flags.resume)) {
  for (const line of readFileSync(flags.resume, "utf8").split("\n").filter(Boolean)) {
    const { key, ...outcome } = JSON.parse(line) as Outcome & { readonly key: string };
    earlier.set(key, outcome);
    for (const [test, seconds] of Object.entries(outcome.times))
      times.set(test, Math.min(seconds, times.get(test) ?? Infinity));
  }
}

const outcomes: (readonly [Mutant, Outcome])[] = [];
const listed: Mutant[] = [];
const started = performance.now();
{
  await using copy = new Copy(root);
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(130));
  const examiner = new Examiner(copy, Number(flags.budget), times);
  for (const mutant of chosen) {
    if (outcomes.length >= count) break;
    const key = keyOf(mutant);
    if (equivalent.has(key)) {
      listed.push(mutant);
      continue;
    }
    let outcome = earlier.get(key);
    if (outcome === undefined || (flags.survivors && outcome.status === "survived")) {
      outcome = await examiner.examine(mutant);
      if (flags.resume !== undefined)
        appendFileSync(flags.resume, `${JSON.stringify({ key, ...outcome })}\n`);
      const { file, line, before, after } = mutant;
      const change = `${before.split("\n")[0]} → ${after || "nothing"}`;
      const by =
        outcome.status === "killed" ? `${outcome.test}, ${outcome.failure}` : `${outcome.passed} tests pass`;
      const number = `${outcomes.length + 1}/${count}`.padStart(8);
      console.log(`${number} ${outcome.status} ${file}:${line} ${change} (${by}; ${outcome.seconds} s)`);
    }
    if (outcome.status !== "invalid") outcomes.push([mutant, outcome]);
  }
}
const minutes = ((performance.now() - started) / 60_000).toFixed(1);
const { text, passed } = summary(outcomes, (mutant) => mutant.guard && readers.test(mutant.file));
console.log(`\n${text}`);
for (const mutant of listed)
  console.log(
    `left out ${mutant.file}:${mutant.line} ${mutant.before} → ${mutant.after}: ${equivalent.get(keyOf(mutant))}`,
  );
console.log(`of ${candidates.length} possible mutants, seed ${flags.seed}, ${minutes} min`);
process.exitCode = passed ? 0 : 1;
