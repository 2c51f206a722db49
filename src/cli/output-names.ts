/** The paths of output files without their extensions: one for each input, and different for different inputs. */
import { basename, dirname, join, parse, resolve, sep } from "node:path";
import { standardOutput } from "../adapters/node/output/place.ts";
import { UsageError } from "../errors.ts";
import { offerTurn } from "../platform/turns.ts";
import { outputBase } from "../text/outputs/formats.ts";

interface NameFlags {
  readonly outputFile?: string | undefined;
  readonly outputDir?: string | undefined;
}

/** File systems take names of up to 255 bytes; the longest ending of a partial output is `.partial.TextGrid`. */
const longestStem = 255 - ".partial.TextGrid".length;

/**
 * The base of each input: `talk` for talk.mp4, but `talk.mp4` where talk.wav is an input, too; in one folder for all with as
 * many folders of the path before it as needed. Throws `bad_option` where one path is given for several inputs, and the
 * signal's reason: a hundred thousand names take seconds.
 */
export async function outputBases(
  names: readonly string[],
  { outputFile, outputDir }: NameFlags,
  signal?: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  if (outputFile !== undefined) {
    if (names.length > 1)
      throw new UsageError("bad_option", "--output-file", "names one output, but there are several inputs");
    return new Map(names.map((name) => [name, outputFile === "-" ? standardOutput : outputFile]));
  }
  const levels = new Map(names.map((name) => [name, 0]));
  const base = (name: string): string => candidate(name, levels.get(name) ?? 0, outputDir);
  for (;;) {
    const crowded = await sharing(names, base, signal);
    if (crowded.length === 0) break;
    for (const name of crowded) {
      const level = (levels.get(name) ?? 0) + 1;
      if (level > 2 * resolve(name).split(sep).length) throw indistinct(name);
      levels.set(name, level);
    }
  }
  return new Map(names.map((name) => [name, base(name)]));
}

/** Where the results so far are kept, without extension; the stem is cut where the name would be too long. */
export function partialBase(base: string): string {
  const bytes = Buffer.from(basename(base));
  const fits = bytes.length <= longestStem;
  const stem = fits
    ? basename(base)
    : new TextDecoder().decode(bytes.subarray(0, longestStem), { stream: true });
  return join(dirname(base), `${stem}.partial`);
}

/** 0: the stem, 1: the name with its extension, 2: the stem below the name of its folder, and so on. */
function candidate(name: string, level: number, outputDir: string | undefined): string {
  const own = level % 2 === 0 ? outputBase(name) : name;
  if (outputDir === undefined) return level < 2 ? own : name;
  const folders = dirname(resolve(name))
    .slice(parse(resolve(name)).root.length)
    .split(sep);
  const kept = level < 2 ? [] : folders.slice(-Math.floor(level / 2));
  return join(outputDir, ...kept, basename(own));
}

/** The inputs that would have the outputs of another one, complete or partial. The same file given twice is one input. */
async function sharing(
  names: readonly string[],
  base: (name: string) => string,
  signal: AbortSignal | undefined,
): Promise<string[]> {
  const owners = new Map<string, Set<string>>();
  const places = (name: string): string[] =>
    [base(name), partialBase(base(name))].map((path) => resolve(path));
  for (const name of names) {
    await offerTurn();
    signal?.throwIfAborted();
    for (const place of places(name)) owners.set(place, (owners.get(place) ?? new Set()).add(resolve(name)));
  }
  const crowded: string[] = [];
  for (const name of names) {
    await offerTurn();
    signal?.throwIfAborted();
    if (places(name).some((place) => owners.get(place)!.size > 1)) crowded.push(name);
  }
  return crowded;
}

function indistinct(name: string): UsageError {
  return new UsageError("bad_option", name, "its output files have the names of another input's", {
    wanted: "inputs that are not named like partial results",
  });
}
