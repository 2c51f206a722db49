/** The output files of a recording that was not transcribed to its end: BASE.partial.EXT, with the segments that are final. */
import { rm } from "node:fs/promises";
import { whole } from "../longform/segment.ts";
import type { Segment } from "../longform/result.ts";
import { clock } from "../text/outputs/clock.ts";
import type { ModelInfo } from "../transcriber/types.ts";
import { warning } from "../warnings.ts";
import type { FlagValues } from "./flags/flag.ts";
import type { outputFlags } from "./flags/outputs.ts";
import { partialBase } from "./output-names.ts";
import { outputPaths, writeTranscript } from "./outputs.ts";
import type { OutputOf } from "./outputs.ts";

type Flags = FlagValues<typeof outputFlags>;

/** Returns the paths. `segments` are those from the beginning of the recording. */
export async function writePartial(
  { file, base }: OutputOf,
  segments: readonly [Segment, ...Segment[]],
  model: ModelInfo,
  flags: Flags,
): Promise<string[]> {
  const duration = segments.at(-1)!.end;
  const result = { ...whole(segments), segments, duration };
  const total = segments
    .flatMap(({ timings }) => Object.values(timings))
    .reduce((sum, time) => sum + time, 0);
  const warnings = [
    warning("interrupted", `the transcription was interrupted after ${clock(duration, ".")}`),
  ];
  const document = { file, model, ...result, timings: { total }, warnings, joins: [] };
  await writeTranscript({ file, base: partialBase(base) }, result, document, flags);
  return outputPaths(partialBase(base), flags);
}

/** Removes what an earlier run has written in the formats of this one. */
export async function removePartial(base: string, flags: Flags): Promise<void> {
  for (const path of outputPaths(partialBase(base), flags)) await rm(path, { force: true });
}
