/** Which inputs `transcribe` works on, each with the place of its outputs. */
import { access } from "node:fs/promises";
import { UsageError } from "../errors.ts";
import type { Terminal } from "./console.ts";
import type { FlagValues } from "./flags/flag.ts";
import type { transcribeFlags } from "./flags/transcribe.ts";
import type { Input } from "./inputs.ts";
import { partialBase } from "./output-names.ts";
import { outputPaths, toFiles } from "./outputs.ts";
import { hasJournal } from "./transcribe-journal.ts";

type Flags = FlagValues<typeof transcribeFlags>;

export interface Job {
  readonly input: Input;
  /** `2/5 `, or nothing where there is one input. */
  readonly place: string;
  /** The path of the output files without extension. */
  readonly base: string;
}

/** The journal of an input by the base of its outputs. */
export const journalPath = (base: string): string => `${partialBase(base)}.jsonl`;

/**
 * One for each input; with --skip-existing, a note names those that have their output files instead. Throws `bad_option`
 * for flags that are about output files where there are none, and for a foreign file in the place of a journal.
 */
export async function chooseJobs(
  inputs: readonly Input[],
  bases: ReadonlyMap<string, string>,
  flags: Flags,
  { note, signal }: Pick<Terminal, "note"> & { readonly signal: AbortSignal },
): Promise<Job[]> {
  const needsFiles = flags.resume ? "--resume" : flags.skipExisting ? "--skip-existing" : undefined;
  if (needsFiles !== undefined && !toFiles(flags)) {
    throw new UsageError("bad_option", needsFiles, "no output files", { wanted: "one, such as -osrt" });
  }
  const jobs: Job[] = [];
  for (const [i, input] of inputs.entries()) {
    signal.throwIfAborted();
    const base = bases.get(input.name)!;
    const isInterrupted = toFiles(flags) && (await hasJournal(journalPath(base)));
    if (flags.skipExisting && !isInterrupted && (await haveOutputs(base, flags)))
      note(`${input.name}: skipped, since its output files exist`);
    else jobs.push({ input, base, place: inputs.length > 1 ? `${i + 1}/${inputs.length} ` : "" });
  }
  return jobs;
}

/** Whether all output files with this base exist. */
export async function haveOutputs(base: string, flags: Flags): Promise<boolean> {
  const isThere = (path: string): Promise<boolean> =>
    access(path).then(
      () => true,
      () => false,
    );
  return (await Promise.all(outputPaths(base, flags).map(isThere))).every(Boolean);
}
