/** The flags of commands that run a model on one recording, and the model loaded with them. */
import type { Command } from "commander";
import type { BackendChoice } from "../nn/placement.ts";
import type { Progress } from "../recognizers/recognizer.ts";
import type { Transcriber } from "../transcriber/transcriber.ts";
import { progressLine } from "./console.ts";
import type { Terminal } from "./console.ts";
import { exitCodeOf, exitCodes, explain } from "./exit.ts";
import type { ExitCode } from "./exit.ts";
import { interruptible } from "./interrupt.ts";
import { loadModel, modelOptions } from "./model-options.ts";
import type { ModelFlags } from "./model-options.ts";
import { wholeNumber } from "./parse.ts";
import { backendOption } from "./pass-options.ts";

export interface AudioFlags extends ModelFlags {
  readonly file: string;
  readonly language?: string;
  readonly backend?: BackendChoice;
  readonly threads?: number;
  readonly print: boolean;
}

export function audioOptions(command: Command): Command {
  return modelOptions(command)
    .requiredOption("-f, --file <file>", "the recording")
    .option("-l, --language <name>", "spoken language, where the model wants to know (SenseVoice)")
    .addOption(backendOption())
    .option("-t, --threads <count>", "threads to compute with (default: all cores)", wholeNumber(1, 64))
    .option("--no-print", "(-np) print no progress");
}

export interface AudioRun {
  readonly signal: AbortSignal;
  readonly onProgress: ((progress: Progress) => void) | undefined;
}

/** Loads the model and works with it; Ctrl-C stops both. Says what goes wrong, and returns the exit code. */
export async function withModel(
  flags: AudioFlags,
  screen: Terminal,
  work: (model: Transcriber, run: AudioRun) => Promise<void>,
): Promise<ExitCode> {
  let files: ExitCode = exitCodes.model;
  try {
    const onProgress = flags.print ? (now: Progress): void => screen.progress(progressLine(now)) : undefined;
    await interruptible(async (signal) => {
      const run = { signal, onProgress };
      const { backend, threads } = flags;
      using model = await loadModel(flags, { backend, threads, ...run });
      files = exitCodes.audio;
      await work(model, run);
    });
    return exitCodes.fine;
  } catch (error) {
    screen.note(explain(error));
    return exitCodeOf(error, files);
  } finally {
    screen.progress("");
  }
}
