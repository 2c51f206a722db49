/**
 * `npm run same-bytes`: proves that a change of code leaves the arithmetic untouched.
 *
 * Each case runs the command line of both on the same
 * inputs, with 2 threads, and compares what they write byte for byte: texts and times of the demo model and the tiny
 * models on cpu and wasm, archives of all stages, CTC labels, alignments, and converted and quantized files. Of JSON,
 * the fields that intended.ts lists are compared. A case that fails, in one checkout or in both, is a difference.
 *
 * Names that differ on purpose: flags in flags.ts; stages, JSON fields and wanted differences in intended.ts.
 */
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { commandLine, refuse } from "../flags.ts";
import { cases, selected } from "./cases.ts";
import type { Case } from "./cases.ts";
import { Checkout, isBuilt } from "./checkout.ts";
import type { Outcome } from "./checkout.ts";
import type { Comparison, Difference } from "./compare.ts";
import { prepareInputs } from "./inputs.ts";
import { intended } from "./intended.ts";
import { compareOutput } from "./outputs.ts";
import type { Folders } from "./outputs.ts";

const help = `npm run same-bytes -- OLD_CHECKOUT NEW_CHECKOUT [--only TEXT]

Both arguments are folders of built checkouts (npm run build). Prints a line for each stage, JSON value or file that differs,
then the counts; progress is on stderr. Exit code 0 if all is equal, 5 if not, 2 for wrong arguments, 130 when interrupted.

  --only TEXT   the cases whose names contain TEXT, and the conversions whose files they read`;

process.exitCode = await main();

async function main(): Promise<number> {
  const { positionals, values } = commandLine(help, { only: { type: "string", default: "" } }, 2);
  const [oldFolder, newFolder] = positionals;
  if (oldFolder === undefined || newFolder === undefined) refuse("wanted two folders", help);
  const unbuilt = [oldFolder, newFolder].find((folder) => !isBuilt(folder));
  if (unbuilt !== undefined) {
    console.error(
      `${unbuilt}: not a built checkout; wanted dist/src/cli/main.js and fixtures (npm run build)`,
    );
    return 2;
  }
  const interrupt = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const) process.on(name, () => interrupt.abort());
  const { signal } = interrupt;
  const root = await mkdtemp(join(tmpdir(), "same-bytes-"));
  try {
    const folders = { shared: join(root, "shared"), old: join(root, "old"), new: join(root, "new") };
    for (const folder of Object.values(folders)) await mkdir(folder);
    const checkouts = [
      new Checkout(oldFolder, folders.old, signal),
      new Checkout(newFolder, folders.new, signal),
    ] as const;
    const chosen = selected(cases(await prepareInputs(checkouts[0].folder, folders)), values.only);
    return await compareAll(chosen, checkouts, folders, signal);
  } catch (error) {
    if (!signal.aborted) throw error;
    console.error("interrupted");
    return 130;
  } finally {
    await rm(root, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function compareAll(
  chosen: readonly Case[],
  checkouts: readonly [Checkout, Checkout],
  folders: Folders,
  signal: AbortSignal,
): Promise<number> {
  let [compared, different, wanted] = [0, 0, 0];
  for (const [i, item] of chosen.entries()) {
    console.error(`${i + 1}/${chosen.length} ${item.name}`);
    const outcomes = await Promise.all(checkouts.map((checkout) => checkout.run(item.command, item.argv)));
    signal.throwIfAborted();
    const comparison = await compareCase(item, outcomes as [Outcome, Outcome], folders);
    compared += comparison.compared;
    for (const { thing, detail } of comparison.differences) {
      const line = `${item.name}: ${thing}`;
      if (intended.some((rule) => rule.thing.test(line))) {
        wanted++;
      } else {
        different++;
        console.log(`${line}: ${detail}`);
      }
    }
  }
  console.log(
    `${chosen.length} cases, ${compared} things compared: ${different} differ, ${wanted} differ as intended`,
  );
  return different === 0 && compared > 0 ? 0 : 5;
}

async function compareCase(
  { outputs, keep = false }: Case,
  outcomes: readonly [Outcome, Outcome],
  folders: Folders,
): Promise<Comparison> {
  const failed = failures(outcomes);
  if (failed.length > 0) return { compared: 1, differences: failed };
  const differences: Difference[] = [];
  let compared = 0;
  for (const output of outputs) {
    const comparison = await compareOutput(output, outcomes, folders);
    compared += comparison.compared;
    differences.push(...comparison.differences);
    if (output.file === undefined) continue;
    if (!keep) await rm(join(folders.old, output.file), { force: true });
    await rm(join(folders.new, output.file), { force: true });
  }
  return { compared, differences };
}

/** That one or both failed: the exit codes, and the last line that the first of them printed. */
function failures(outcomes: readonly [Outcome, Outcome]): Difference[] {
  const failed = outcomes.find(({ exit }) => exit !== 0);
  if (failed === undefined) return [];
  const [old, now] = outcomes.map(({ exit }) => exit);
  const last = failed.stderr.trim().split("\n").at(-1) ?? "";
  return [{ thing: "exit code", detail: `${old} and ${now}: ${last}` }];
}
