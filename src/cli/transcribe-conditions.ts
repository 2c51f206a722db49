/** What the results of `transcribe` depend on, to be compared with that of an interrupted run. */
import { createHash } from "node:crypto";
import type { TranscribeOptions } from "../longform/options.ts";
import { readUpTo } from "../platform/bytes.ts";
import { interruptible } from "../platform/interruptible.ts";
import { openSource } from "../platform/open-source.ts";
import type { ModelInfo } from "../transcriber/types.ts";
import { version } from "../version.ts";
import type { FlagValues } from "./flags/flag.ts";
import { outputFlags } from "./flags/outputs.ts";
import { tensorflowFlags } from "./flags/transcribe.ts";
import type { transcribeFlags } from "./flags/transcribe.ts";
import { stampOf } from "./transcribe-journal.ts";
import type { Conditions } from "./transcribe-journal.ts";

type Flags = FlagValues<typeof transcribeFlags>;

/** `options` are those without callbacks. */
export async function conditionsOf(
  flags: Flags,
  options: TranscribeOptions,
  model: ModelInfo,
): Promise<Conditions> {
  // windows are known again by their samples, wherever the recording was cut
  const { hotwords: _, chunk, start, duration, parallel: _parallel, signal, ...recognition } = options;
  const { hotwords, hotwordsFile, corrections, hotwordsThreshold, hotwordsMax } = flags;
  return {
    recognition: {
      version,
      model,
      "model file": await stamps([flags.model, flags.audio, flags.ctc, flags.llm]),
      ...recognition,
      hotwords,
      "hotwords file": await digest(hotwordsFile, signal),
      corrections: await digest(corrections, signal),
      "hotwords threshold": hotwordsThreshold,
      "hotwords max": hotwordsMax,
      "am.mvn": await digest(flags.amMvn, signal),
      tensorflow: chosen(tensorflowFlags, flags),
    },
    outputs: {
      chunk,
      start,
      duration,
      vad: flags.vad,
      punctuation: flags.puncModel,
      pcm: flags.pcm,
      ...chosen(outputFlags, flags),
    },
  };
}

/** Of the model's files or folders, where it is given by their paths. */
async function stamps(paths: readonly (string | undefined)[]): Promise<string | undefined> {
  const found = await Promise.all(paths.filter((path) => path !== undefined).map(stampOf));
  const given = found.filter((stamp) => stamp !== undefined);
  return given.length === 0 ? undefined : given.join(", ");
}

/** The values of a table's flags. */
function chosen(table: object, flags: Flags): Record<string, unknown> {
  return Object.fromEntries(Object.entries(flags).filter(([name]) => Object.hasOwn(table, name)));
}

/** Of a file that is read whole, at a path or an address. */
async function digest(
  place: string | undefined,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  if (place === undefined) return undefined;
  await using file = interruptible(await openSource(place, signal), signal);
  return createHash("sha256")
    .update(await readUpTo(file, 0, file.size))
    .digest("hex");
}
