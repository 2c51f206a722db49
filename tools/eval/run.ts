/**
 * `npm run eval`: the demo model on its held-out test set, in Q8_0 (as shipped) and in float32 (as trained). By default a
 * sample of the utterances; `--help` lists the flags.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { convert } from "../../converters/writers/convert.ts";
import { workFolder } from "../../src/adapters/node/output/temporary.ts";
import { FunAsrError } from "../../src/errors.ts";
import { load } from "../../src/node.ts";
import { measureDoubt } from "./doubt.ts";
import { measureDrafts } from "./drafts.ts";
import { score, transcribeTestSet } from "./evaluate.ts";
import type { Figures } from "./evaluate.ts";
import { help, readFlags, spread } from "./flags.ts";
import type { Flags } from "./flags.ts";
import { measureSearch, namesOf } from "./hotword-search.ts";
import { measureLive } from "./live.ts";
import { progressLine } from "./progress.ts";
import { demoFolder, readTestSet, shipped } from "./test-set.ts";
import { measureTimes } from "./times.ts";

try {
  const flags = readFlags(process.argv.slice(2));
  if (flags.help) console.log(help);
  else await (flags.measure === "errors" ? evaluate(flags) : measure(flags, flags.measure));
} catch (error) {
  if (!(error instanceof FunAsrError)) throw error;
  console.error(error.message);
  process.exitCode = 2;
}

/** One kind of figures of the shipped model. */
async function measure(
  { limit, backends, json }: Flags,
  what: Exclude<Flags["measure"], "errors">,
): Promise<void> {
  const all = await readTestSet();
  const utterances = spread(all, limit);
  using model = await load(shipped(), { backend: backends[0] });
  const line = progressLine();
  const progress = (done: number): void => line.show(`${what}: ${done}/${utterances.length} utterances`);
  const measures = {
    times: () => measureTimes(model, utterances, progress),
    doubt: () => measureDoubt(model, utterances, progress),
    drafts: () => measureDrafts(model, utterances, progress),
    live: () => measureLive(model, utterances, progress),
    "hotword-search": async () =>
      new Map([["percent", await measureSearch(model, utterances, namesOf(all), progress)]]),
  };
  const rows: ReadonlyMap<string, object> = await measures[what]();
  line.end();
  for (const [name, figures] of rows) {
    console.log(name);
    for (const [key, value] of Object.entries(figures))
      console.log(`  ${key.padEnd(20)}${String(value).padStart(10)}`);
  }
  console.log(sizeText(utterances.length, all.length));
  if (json !== undefined) writeFileSync(json, `${JSON.stringify(Object.fromEntries(rows), undefined, 2)}\n`);
}

/** Error rates for each format on each backend. */
async function evaluate({ limit, backends, types, json }: Flags): Promise<void> {
  const all = await readTestSet();
  const utterances = spread(all, limit);
  const results: ({ backend: string; type: string; seconds: number } & Figures)[] = [];
  const line = progressLine();
  await using folder = await workFolder();
  for (const type of types) {
    const path = type === "Q8_0" ? shipped() : join(folder.path, `${type}.gguf`);
    if (type !== "Q8_0") await convert(join(demoFolder, "checkpoint"), path, { type });
    for (const backend of backends) {
      using model = await load(path, { backend });
      const start = performance.now();
      const seconds = (): number => Math.round((performance.now() - start) / 100) / 10;
      const outcomes = await transcribeTestSet(model, utterances, (done) => {
        const left = Math.round((seconds() * (utterances.length - done)) / done);
        line.show(`${type} on ${backend}: ${done}/${utterances.length} utterances, ${left} s left`);
      });
      results.push({ backend, type: type.toLowerCase(), seconds: seconds(), ...score(outcomes) });
    }
  }
  line.end();
  const columns = results.map(({ type, backend }) => `${type} ${backend}`.padStart(12));
  console.log(`${"percent".padEnd(22)}${columns.join("")}`);
  for (const key of Object.keys(results[0] ?? {}).filter((name) => name !== "backend" && name !== "type")) {
    const cells = results.map((row) => String(row[key as keyof Figures]).padStart(12));
    console.log(`${key.padEnd(22)}${cells.join("")}`);
  }
  console.log(sizeText(utterances.length, all.length));
  if (json !== undefined)
    writeFileSync(json, `${JSON.stringify({ ...results[0], runs: results }, undefined, 2)}\n`);
}

function sizeText(count: number, all: number): string {
  return count === all ? `all ${all} utterances` : `a sample: ${count} of ${all} utterances (--all for all)`;
}
