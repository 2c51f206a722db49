/** What the flags of `transcribe` and `listen` ask of the recognition. */
import { readText } from "../adapters/node/text-file.ts";
import type { RecognizeOptions } from "../recognizers/options.ts";
import { parseHotwords } from "../text/hotwords/hot-file.ts";
import { Hotwords } from "../text/hotwords/hotwords.ts";
import { optionsOf } from "./flags/flag.ts";
import type { FlagTable, FlagValues } from "./flags/flag.ts";
import type { outputFlags } from "./flags/outputs.ts";
import type { decodingFlags, hotwordFlags } from "./flags/transcribe.ts";
import { needTimes } from "./outputs.ts";

type HotwordFlags = FlagValues<typeof hotwordFlags>;

type RecognitionFlags = HotwordFlags &
  FlagValues<typeof decodingFlags> &
  FlagValues<typeof outputFlags> & { readonly timestamps: boolean };

/** The library's options, by the flags of `table` and what follows from others. Reads the files that the flags name. */
export async function recognitionOptions(
  table: FlagTable,
  flags: RecognitionFlags,
): Promise<RecognizeOptions> {
  const { fallback, fallbackTemperatures: temperatures } = flags;
  return {
    ...optionsOf(table, flags),
    hotwords: await hotwordsOf(flags),
    ...(fallback || temperatures !== undefined ? { fallback: { temperatures } } : {}),
    logprobs: flags.logprobs || flags.outputJsonFull,
    timestamps: needTimes(flags) ? "word" : flags.timestamps ? "token" : "none",
  };
}

/** Words alone stay an array, which the recognizer treats by its length; any other flag makes a list to search. */
async function hotwordsOf(flags: HotwordFlags): Promise<readonly string[] | Hotwords | undefined> {
  const { hotwordsFile, corrections, hotwordsThreshold: threshold, hotwordsMax: max } = flags;
  const given = flags.hotwords ?? [];
  if ([hotwordsFile, corrections, threshold, max].every((flag) => flag === undefined))
    return given.length === 0 ? undefined : given;
  const listed = hotwordsFile === undefined ? [] : parseHotwords(await readText(hotwordsFile));
  return new Hotwords([...given, ...listed], {
    ...(threshold === undefined ? {} : { threshold }),
    ...(max === undefined ? {} : { max }),
    ...(corrections === undefined ? {} : { corrections: await readText(corrections) }),
  });
}
