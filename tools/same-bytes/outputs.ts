/** Compares what a case has written in both checkouts: files, or standard output. */
import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { Output } from "./cases.ts";
import type { Outcome } from "./checkout.ts";
import { compareArchives, compareBytes, compareJson } from "./compare.ts";
import type { Comparison, Difference } from "./compare.ts";
import { archiveMetadata, jsonFields, stageRenames } from "./intended.ts";
import { parseArchive } from "./safetensors.ts";
import { endsLate, fieldsWithoutTimes, withoutTimes } from "./times.ts";

/** Where the two checkouts ran. */
export interface Folders {
  readonly old: string;
  readonly new: string;
}

export async function compareOutput(
  { file, kind, audio }: Output,
  outcomes: readonly [Outcome, Outcome],
  folders: Folders,
): Promise<Comparison> {
  const thing = file ?? "standard output";
  const [a, b] = await Promise.all(
    ([folders.old, folders.new] as const).map(async (folder, side) =>
      file === undefined ? Buffer.from(outcomes[side]!.stdout) : await readIfThere(join(folder, file)),
    ),
  );
  if (a === undefined || b === undefined) {
    const missing = [a === undefined ? "old" : "", b === undefined ? "new" : ""].filter(Boolean);
    return {
      compared: 1,
      differences: [{ thing, detail: `not written by the ${missing.join(" and ")} one` }],
    };
  }
  if (kind === "bytes") return compareBytes(thing, a, b);
  const length = audio === undefined ? Infinity : await seconds(resolve(folders.old, audio));
  const { compared, differences } = compareParsed(kind, a, b, length);
  const named = differences.map(({ thing: part, detail }) => ({ thing: `${thing}: ${part}`, detail }));
  return { compared, differences: named };
}

/** The length of a WAV file. */
async function seconds(path: string): Promise<number> {
  const { default: wavefile } = await import("wavefile");
  const wav = new wavefile.WaveFile(await readFile(path));
  const { chunkSize } = wav.data as { chunkSize: number };
  const { byteRate } = wav.fmt as { byteRate: number };
  return chunkSize / byteRate;
}

/** Content that cannot be read is a difference, and the other cases go on. */
function compareParsed(
  kind: Exclude<Output["kind"], "bytes">,
  a: Buffer,
  b: Buffer,
  length: number,
): Comparison {
  try {
    if (kind === "archive") {
      const tables = { renames: stageRenames, metadata: archiveMetadata };
      return compareArchives(parseArchive(a), parseArchive(b), tables);
    }
    const [old, now] = [a.toString(), b.toString()];
    const late = lateTimes(endsLate(kind, old, length), endsLate(kind, now, length));
    const { compared, differences } = compareTimed(kind, old, now, late.length > 0);
    return { compared: compared + 1, differences: [...late, ...differences] };
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof RangeError)) throw error;
    return { compared: 1, differences: [{ thing: kind, detail: `cannot be read: ${error.message}` }] };
  }
}

function lateTimes(old: boolean, now: boolean): Difference[] {
  const thing = (which: string): string => `times after the end of the audio in the ${which} checkout`;
  const detail = "times are not compared";
  return [
    ...(old ? [{ thing: thing("old"), detail }] : []),
    ...(now ? [{ thing: thing("new"), detail }] : []),
  ];
}

function compareTimed(kind: "json" | "srt" | "ctm", a: string, b: string, timeless: boolean): Comparison {
  if (kind === "json") {
    const fields = timeless ? fieldsWithoutTimes(jsonFields) : jsonFields;
    return compareJson(JSON.parse(a), JSON.parse(b), fields);
  }
  const [old, now] = timeless ? [withoutTimes(kind, a), withoutTimes(kind, b)] : [a, b];
  return compareBytes(timeless ? "all but the times" : "content", Buffer.from(old), Buffer.from(now));
}

async function readIfThere(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
