/** The flags of `transcribe` that say how to recognize: prompt, hotwords, decoding, times. */
import { InvalidArgumentError, Option } from "commander";
import type { Command } from "commander";
import { HOTWORD_SEARCHES } from "../recognizers/hotwords.ts";
import { SILENCE_GATES } from "../recognizers/recognizer.ts";
import type { RecognizeOptions } from "../recognizers/recognizer.ts";
import { ALIGN_METHODS } from "../recognizers/times.ts";
import { parseHotwords, splitHotwords } from "../text/hotwords/hot-file.ts";
import { Hotwords } from "../text/hotwords/hotwords.ts";
import { readText } from "../adapters/node/text-file.ts";
import { PROMPT_STYLES } from "../text/prompt.ts";
import { numberWithin, wholeNumber } from "./parse.ts";

export interface RecognitionFlags {
  readonly language?: string;
  readonly context?: string;
  readonly hotwords?: string;
  readonly hotwordsFile?: string;
  readonly hotwordsThreshold?: number;
  readonly hotwordsMax?: number;
  readonly hotwordSearch: (typeof HOTWORD_SEARCHES)[number];
  readonly corrections?: string;
  readonly itn: boolean;
  readonly promptStyle: (typeof PROMPT_STYLES)[number];
  readonly decoder: "llm" | "ctc";
  readonly lowFrameRate?: boolean;
  readonly silenceGate: (typeof SILENCE_GATES)[number];
  readonly maxTokens?: number | "auto";
  readonly temperature?: number;
  readonly topK?: number;
  readonly topP?: number;
  readonly seed?: number;
  readonly repetitionPenalty?: number;
  readonly fallback: boolean;
  readonly fallbackTemperatures?: number[];
  readonly logprobs: boolean;
  readonly align?: (typeof ALIGN_METHODS)[number];
  readonly alignOffset?: number;
}

export function recognitionOptions(command: Command): Command {
  return command
    .option("-l, --language <name>", "spoken language, e.g. zh, en, 中文 (the model decides by default)")
    .option("--context <text>", "what the recording is about")
    .option("--hotwords <words>", "words that may occur, separated by commas")
    .option("--hotwords-file <file>", "a list of them, one a line, # for comments")
    .option(
      "--hotwords-threshold <score>",
      "how alike one must sound to be offered (default: 0.6)",
      numberWithin(0, 1),
    )
    .option("--hotwords-max <count>", "how many are offered at most (default: 10)", wholeNumber(0, 1000))
    .addOption(
      new Option(
        "--hotword-search <kind>",
        "none: offer all; draft: by their sound; ctc: also by the CTC's second choices",
      )
        .choices(HOTWORD_SEARCHES)
        .default("auto"),
    )
    .option("--corrections <file>", "rules for the final text: wrong => right, or /pattern/ => right")
    .option("--no-itn", "write numbers and dates as they are spoken")
    .addOption(
      new Option("--prompt-style <style>", "whose prompt").choices(PROMPT_STYLES).default("official"),
    )
    .addOption(
      new Option(
        "--decoder <decoder>",
        "what writes the text: the language model (llm) or the CTC branch alone (ctc)",
      )
        .choices(["llm", "ctc"])
        .default("llm"),
    )
    .option(
      "--low-frame-rate",
      "the language model gets the first eighth of the audio rows (default: by the model)",
    )
    .option("--no-low-frame-rate", "the language model gets all audio rows")
    .addOption(
      new Option("--silence-gate <rule>", "what counts as silence: its level, or that the CTC hears nothing")
        .choices(SILENCE_GATES)
        .default("level"),
    )
    .option(
      "-n, --max-tokens <count>",
      "most tokens of one text, or auto: by its length (default: 512)",
      tokenCount,
    )
    .option(
      "--temperature <value>",
      "sample instead of taking the best token (default: 0)",
      numberWithin(0, 10),
    )
    .option("--top-k <count>", "among so many best tokens (default: 50, 0: all)", wholeNumber(0, 1_000_000))
    .option("--top-p <share>", "among the best tokens with this probability (default: 1)", numberWithin(0, 1))
    .option("--seed <number>", "of the samples (default: 0)", wholeNumber(0, 2 ** 32 - 1))
    .option(
      "--repetition-penalty <factor>",
      "against words that were written before (default: 1)",
      numberWithin(0.1, 10),
    )
    .option("--fallback", "try again at higher temperatures where a text loops or is improbable", false)
    .option("--fallback-temperatures <list>", "at these (default: 0.3,0.6,0.9)", temperatures)
    .option("--logprobs", "add the log probability of each token", false)
    .addOption(
      new Option("--align <method>", "how times are found (default: ctc-forced)").choices(ALIGN_METHODS),
    )
    .option("--align-offset <seconds>", "added to all times (default: 0)", numberWithin(-60, 60));
}

/** Reads the files that the flags name. */
export async function recognition(flags: RecognitionFlags): Promise<RecognizeOptions> {
  const { temperature, topK, topP, seed, repetitionPenalty, logprobs } = flags;
  const retries = flags.fallback || flags.fallbackTemperatures !== undefined;
  return {
    language: flags.language,
    context: flags.context,
    hotwords: await hotwords(flags),
    hotwordSearch: flags.hotwordSearch,
    itn: flags.itn,
    promptStyle: flags.promptStyle,
    decoder: flags.decoder,
    lowFrameRate: flags.lowFrameRate,
    silenceGate: flags.silenceGate,
    maxNewTokens: flags.maxTokens,
    temperature,
    topK,
    topP,
    seed,
    repetitionPenalty,
    logprobs,
    fallback: retries ? { temperatures: flags.fallbackTemperatures } : undefined,
    align: { method: flags.align, offset: flags.alignOffset },
  };
}

/** A plain list of words stays one; anything more is a list to search. */
async function hotwords(flags: RecognitionFlags): Promise<string[] | Hotwords | undefined> {
  const { hotwordsFile, corrections, hotwordsThreshold: threshold, hotwordsMax: max } = flags;
  const given = flags.hotwords === undefined ? [] : splitHotwords(flags.hotwords);
  if ([hotwordsFile, corrections, threshold, max].every((flag) => flag === undefined))
    return given.length === 0 ? undefined : given;
  const listed = hotwordsFile === undefined ? [] : parseHotwords(await readText(hotwordsFile));
  return new Hotwords([...given, ...listed], {
    ...(threshold === undefined ? {} : { threshold }),
    ...(max === undefined ? {} : { max }),
    ...(corrections === undefined ? {} : { corrections: await readText(corrections) }),
  });
}

function tokenCount(text: string): number | "auto" {
  return text === "auto" ? text : wholeNumber(1, 100_000)(text);
}

function temperatures(text: string): number[] {
  const values = text.split(",").map(numberWithin(0, 10));
  if (values.length > 20) throw new InvalidArgumentError("wanted at most 20 numbers.");
  return values;
}
