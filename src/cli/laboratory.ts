/** What the commands that look into a model share: the flags of a single pass, and the model while it runs. */
import type { Command } from "commander";
import { UsageError } from "../errors.ts";
import type { BackendChoice } from "../nn/placement.ts";
import type { Progress } from "../recognizers/recognizer.ts";
import type { LoadOptions } from "../transcriber/load.ts";
import type { TranscribeOptions, Transcriber } from "../transcriber/transcriber.ts";
import { progressLine } from "./console.ts";
import type { Terminal } from "./console.ts";
import { exitCodeOf, exitCodes, explain } from "./exit.ts";
import type { ExitCode } from "./exit.ts";
import { interruptible } from "./interrupt.ts";
import { loadModel, modelOptions } from "./model-options.ts";
import type { ModelFlags } from "./model-options.ts";
import { wholeNumber } from "./parse.ts";
import { backendOption, featureOptions } from "./pass-options.ts";
import type { FeatureFlags } from "./pass-options.ts";
import { readText } from "../adapters/node/text-file.ts";

export interface PassFlags extends ModelFlags, FeatureFlags {
  readonly language?: string;
  readonly context?: string;
  readonly hotwords?: string;
  readonly itn: boolean;
  readonly lowFrameRate?: boolean;
  readonly maxTokens?: number;
  readonly backend?: BackendChoice;
  readonly threads?: number;
}

export function passOptions(command: Command): Command {
  return featureOptions(modelOptions(command))
    .option("-l, --language <name>", "spoken language (the model decides by default)")
    .option("--context <text>", "what the recording is about")
    .option("--hotwords <words>", "words that may occur, separated by commas")
    .option("--no-itn", "numbers and dates as they are spoken")
    .option(
      "--low-frame-rate",
      "the language model gets the first eighth of the audio rows (default: by the model)",
    )
    .option("--no-low-frame-rate", "the language model gets all audio rows")
    .option("-n, --max-tokens <count>", "most tokens that are generated", wholeNumber(1, 100_000))
    .addOption(backendOption())
    .option("-t, --threads <count>", "threads to compute with (default: all cores)", wholeNumber(1, 64));
}

export type PassOptions = Pick<TranscribeOptions, "signal" | "onProgress"> & TranscribeOptions;

/** A running laboratory: loads models, and stops when the user says so. */
export interface Laboratory {
  readonly options: PassOptions;
  load(flags: ModelFlags, backend: BackendChoice | undefined): Promise<Transcriber>;
}

/** Runs `work` with what the flags say; errors become exit codes, an interrupt stops within a layer. */
export async function inLaboratory(
  flags: PassFlags,
  screen: Terminal,
  work: (laboratory: Laboratory) => Promise<ExitCode>,
): Promise<ExitCode> {
  const onProgress = (now: Progress): void => screen.progress(progressLine(now));
  try {
    const amMvn = flags.amMvn === undefined ? undefined : await readText(flags.amMvn);
    return await interruptible((signal) => {
      const shared: LoadOptions = { threads: flags.threads, signal, onProgress, amMvn };
      return work({
        options: { ...recognition(flags), signal, onProgress },
        load: (model, backend) => loadModel(model, { ...shared, backend }),
      });
    });
  } catch (error) {
    screen.note(explain(error));
    return exitCodeOf(error, exitCodes.model);
  } finally {
    screen.progress("");
  }
}

function recognition(flags: PassFlags): TranscribeOptions {
  const { language, context, itn, lowFrameRate, frontend, cmvn, maxTokens } = flags;
  const hotwords = list(flags.hotwords);
  return { language, context, hotwords, itn, lowFrameRate, frontend, cmvn, maxNewTokens: maxTokens };
}

/** Words separated by commas. */
export function list(text: string | undefined): string[] | undefined {
  return text
    ?.split(/[,，]/u)
    .map((word) => word.trim())
    .filter((word) => word !== "");
}

/** `3-7` and `3`: from the first number to the last, with it. */
export function range(flag: string, text: string | undefined): readonly [number, number] | undefined {
  if (text === undefined) return undefined;
  const [, from, to = from] = /^(\d+)(?:-(\d+))?$/u.exec(text) ?? [];
  if (from === undefined || Number(from) > Number(to))
    throw new UsageError("bad_option", flag, text, { wanted: "a number, or FROM-TO" });
  return [Number(from), Number(to) + 1];
}

/** `0,3`: whole numbers separated by commas. */
export function numbers(flag: string, text: string | undefined): number[] | undefined {
  return list(text)?.map((word) => {
    if (/^\d{1,9}$/u.test(word)) return Number(word);
    throw new UsageError("bad_option", flag, word, { wanted: "numbers, separated by commas" });
  });
}
