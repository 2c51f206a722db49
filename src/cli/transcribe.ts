/** `fun-asr transcribe`: audio files to text. */
import { UsageError } from "../errors.ts";
import type { TensorflowOptions } from "../nn/backend.ts";
import { defineCommand } from "./command.ts";
import { describePlan } from "./dry-run.ts";
import { exitCodes } from "./exit.ts";
import { optionsOf } from "./flags/flag.ts";
import type { FlagValues } from "./flags/flag.ts";
import { recognitionFlags, tensorflowFlags, transcribeFlags } from "./flags/transcribe.ts";
import { whisperFlags } from "./flags/whisper.ts";
import { inputsOf } from "./guard.ts";
import { findInputs } from "./inputs.ts";
import { loadModel } from "./load-model.ts";
import { checkOutputs, toStandardOutput } from "./outputs.ts";
import { recognitionOptions } from "./recognition-options.ts";
import { transcribeFiles } from "./transcribe-files.ts";
import { chooseJobs } from "./transcribe-jobs.ts";
import { ProgressDisplay } from "./transcribe-progress.ts";

type Flags = FlagValues<typeof transcribeFlags>;

export const transcribe = defineCommand({
  arguments: [{ name: "[files...]", help: "audio files, as with -f" }],
  flags: transcribeFlags,
  elsewhere: whisperFlags,
  async run(run, flags, files) {
    const given = [...files, ...(flags.file ?? [])];
    if (given.length === 0) {
      throw new UsageError("bad_option", "transcribe", "no audio files", {
        wanted: "fun-asr transcribe -m MODEL FILE…",
      });
    }
    const { screen, stdin } = run;
    const { signal } = run.start({ progress: false });
    const inputs = await findInputs(given, { stdin, pcm: flags.pcm, signal });
    const names = inputs.map(({ name }) => name);
    const bases = await checkOutputs(names, flags, inputsOf(flags, names), signal);
    if (flags.jsonLines && toStandardOutput(flags)) {
      throw new UsageError("bad_option", "--json-lines", "standard output, which gets the output file", {
        wanted: "--json-lines, or --output-file -",
      });
    }
    if (flags.partials && !flags.jsonLines) {
      throw new UsageError("bad_option", "--partials", "results as plain text", { wanted: "--json-lines" });
    }
    const options = await recognitionOptions(recognitionFlags, flags);
    const tensorflow = tensorflowOptions(flags);
    if (flags.dryRun) {
      const { plan, exitCode } = await describePlan(
        flags,
        { recognition: options, tensorflow },
        inputs,
        bases,
        { screen, signal },
      );
      screen.result(JSON.stringify(plan, undefined, 2));
      return exitCode;
    }
    const jobs = await chooseJobs(inputs, bases, flags, { note: screen.note, signal });
    if (jobs.length === 0) return exitCodes.fine;
    using progress = new ProgressDisplay(flags.print ? flags.progress : "none", screen);
    const { backend, threads, vad } = flags;
    const onProgress = progress.isOff ? undefined : progress.step;
    using model = await loadModel(flags, { backend, threads, tensorflow, vad, signal, onProgress }, screen);
    const context = { model, flags, options: { ...options, signal }, screen, progress };
    return await transcribeFiles(context, jobs);
  },
});

function tensorflowOptions(flags: Flags): TensorflowOptions {
  return {
    ...(optionsOf(tensorflowFlags, flags) as TensorflowOptions),
    ...(flags.expanded ? { expanded: true } : {}),
  };
}
