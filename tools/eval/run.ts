/**
 * `npm run eval`: the demo model on its held-out test set, in Q8_0 (as shipped) and in float32 (as trained), on each
 * backend. Prints a table; `--json FILE` writes the figures, `--limit N` takes the first N utterances,
 * `--backend NAME` and `--type FORMAT` (repeatable) choose backends and formats. `--times` measures word times (ms) against
 * the speech synthesizer's instead, `--hotword-search` the effect of a long list of names, and `--doubt` by which agreement of
 * the text with the CTC draft wrong texts can be known.
 */
import { writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { load } from "../../src/node.ts";
import { backendNames } from "../../src/nn/backend.ts";
import type { BackendName } from "../../src/node.ts";
import { convert } from "../../converters/writers/convert.ts";
import { parseFormat } from "../../converters/writers/formats.ts";
import { score, transcribeTestSet } from "./evaluate.ts";
import type { Figures } from "./evaluate.ts";
import { demoFolder, readTestSet, shipped } from "./test-set.ts";
import { measureDoubt } from "./doubt.ts";
import { measureSearch, namesOf } from "./hotword-search.ts";
import { measureTimes } from "./times.ts";

const { values: flags } = parseArgs({
  options: {
    json: { type: "string" },
    limit: { type: "string" },
    backend: { type: "string", multiple: true },
    type: { type: "string", multiple: true },
    times: { type: "boolean" },
    "hotword-search": { type: "boolean" },
    doubt: { type: "boolean" },
  },
});
const backends = (flags.backend ?? backendNames) as BackendName[];
const types = flags.type ?? ["q8_0", "f32"];
const utterances = (await readTestSet()).slice(0, Number(flags.limit ?? Infinity));

if (flags.times === true || flags["hotword-search"] === true || flags.doubt === true) {
  using model = await load(shipped(), { backend: (flags.backend?.[0] ?? "wasm") as BackendName });
  const progress = (done: number): void => {
    if (process.stderr.isTTY) process.stderr.write(`\r${done}/${utterances.length} `);
  };
  const rows =
    flags.times === true
      ? await measureTimes(model, utterances, progress)
      : flags.doubt === true
        ? await measureDoubt(model, utterances, progress)
        : new Map([
            ["percent", await measureSearch(model, utterances, namesOf(await readTestSet()), progress)],
          ]);
  if (process.stderr.isTTY) process.stderr.write("\n");
  for (const [name, figures] of rows) {
    console.log(name);
    for (const [key, value] of Object.entries(figures as object))
      console.log(`  ${key.padEnd(20)}${String(value).padStart(10)}`);
  }
  if (flags.json !== undefined)
    writeFileSync(flags.json, `${JSON.stringify(Object.fromEntries(rows), undefined, 2)}\n`);
  process.exit();
}

const folder = await mkdtemp(join(tmpdir(), "fun-asr-eval-"));
const results: ({ backend: string; type: string; seconds: number } & Figures)[] = [];
try {
  for (const type of types) {
    const path = type === "q8_0" ? shipped() : await trained(type);
    for (const backend of backends) {
      using model = await load(path, { backend });
      const start = performance.now();
      const outcomes = await transcribeTestSet(model, utterances, (done) => {
        if (process.stderr.isTTY)
          process.stderr.write(`\r${type} on ${backend}: ${done}/${utterances.length} `);
      });
      const seconds = Math.round((performance.now() - start) / 100) / 10;
      results.push({ backend, type, seconds, ...score(outcomes) });
    }
  }
} finally {
  await rm(folder, { recursive: true });
}

if (process.stderr.isTTY) process.stderr.write("\n");
const columns = results.map(({ type, backend }) => `${type} ${backend}`.padStart(12));
console.log(`${"percent".padEnd(22)}${columns.join("")}`);
for (const key of Object.keys(results[0] ?? {}).filter((name) => name !== "backend" && name !== "type")) {
  console.log(
    `${key.padEnd(22)}${results.map((row) => String(row[key as keyof Figures]).padStart(12)).join("")}`,
  );
}
if (flags.json !== undefined) {
  const [first] = results;
  writeFileSync(flags.json, `${JSON.stringify({ ...first, runs: results }, undefined, 2)}\n`);
}

/** The checkpoint in another format; F32 is the trained one. */
async function trained(type: string): Promise<string> {
  const path = join(folder, `fun-asr-demo-${type}.gguf`);
  await convert(join(demoFolder, "checkpoint"), path, { type: parseFormat(type) });
  return path;
}
