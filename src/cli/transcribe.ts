/** `fun-asr transcribe`: files to text. */
import { Option } from "commander";
import type { Command } from "commander";
import { UsageError } from "../errors.ts";
import type { TensorflowOptions } from "../nn/backend.ts";
import type { BackendChoice } from "../nn/placement.ts";
import type { PartialResult } from "../longform/events.ts";
import type { Progress } from "../recognizers/recognizer.ts";
import { readText } from "../adapters/node/text-file.ts";
import { clock } from "../text/outputs/clock.ts";
import type { Segment } from "../longform/segment.ts";
import type { TranscribeOptions, Transcriber, Transcription } from "../transcriber/transcriber.ts";
import { progressLine } from "./console.ts";
import type { Terminal } from "./console.ts";
import { describePlan } from "./dry-run.ts";
import { exitCodeOf, exitCodes, explain, StrictError } from "./exit.ts";
import type { ExitCode } from "./exit.ts";
import { findInputs } from "./inputs.ts";
import type { Input } from "./inputs.ts";
import { interruptible } from "./interrupt.ts";
import { loadModel, modelOptions } from "./model-options.ts";
import type { ModelFlags } from "./model-options.ts";
import { checkOutputs, needTimes, outputOptions, writeOutputs } from "./outputs.ts";
import type { OutputFlags } from "./outputs.ts";
import { wholeNumber } from "./parse.ts";
import { backendOption, featureOptions } from "./pass-options.ts";
import type { FeatureFlags } from "./pass-options.ts";
import type { CommandContext } from "./program.ts";
import { recognition, recognitionOptions } from "./recognition-options.ts";
import type { RecognitionFlags } from "./recognition-options.ts";
import { recordingOptions, recordingRules } from "./recording-options.ts";
import type { RecordingFlags } from "./recording-options.ts";

interface Flags extends ModelFlags, FeatureFlags, OutputFlags, RecognitionFlags, RecordingFlags {
  readonly file?: string[];
  readonly timestamps: boolean;
  readonly jsonLines: boolean;
  readonly partials: boolean;
  readonly strict: boolean;
  readonly dryRun: boolean;
  readonly backend?: BackendChoice;
  readonly threads?: number;
  readonly arithmetic?: "float32" | "half" | "bfloat16";
  readonly decoding?: "eager" | "graph" | "xla";
  readonly expanded?: true;
  readonly print: boolean;
  readonly printProgress: boolean;
}

export function registerTranscribe(program: Command, context: CommandContext): void {
  const command = program
    .command("transcribe", { isDefault: true })
    .description("turn audio files into text");
  outputOptions(featureOptions(recordingOptions(recognitionOptions(modelOptions(command)))))
    .argument("[files...]", "audio files, as with -f")
    .option(
      "-f, --file <files...>",
      "files, folders, patterns, or - for standard input: WAV, FLAC, MP3, Ogg Vorbis; others through ffmpeg",
    )
    .option("--timestamps", "add character times to the JSON (needs the CTC branch)", false)
    .option("--json-lines", "print JSON: a line for each segment as it comes, and one for each file", false)
    .option("--partials", "with --json-lines: also a line whenever more of a part is written", false)
    .option("--strict", "refuse a result that a warning puts in doubt (exit code 6)", false)
    .option("--dry-run", "print what would be done, as JSON, and do nothing", false)
    .addOption(backendOption())
    .addOption(
      new Option(
        "--arithmetic <type>",
        "tensorflow: what products are computed in (default: float32)",
      ).choices(["float32", "half", "bfloat16"]),
    )
    .addOption(
      new Option(
        "--decoding <way>",
        "tensorflow: step by step, or many tokens as a graph (default: xla on a GPU)",
      ).choices(["eager", "graph", "xla"]),
    )
    .option("--expanded", "tensorflow: decode quantized weights once, when they are loaded")
    .option("-t, --threads <count>", "threads to compute with (default: all cores)", wholeNumber(1, 64))
    .option("--no-print", "(-np) print no progress")
    .option("--print-progress", "(-pp) print a line for each segment, also where there is no terminal", false)
    .action(async (files: string[], flags: Flags) => {
      context.finish(await transcribe([...files, ...(flags.file ?? [])], flags, context));
    });
}

/** Transcribes each file; a bad one is reported and the rest goes on. The exit code is that of the first failure. */
async function transcribe(
  given: readonly string[],
  flags: Flags,
  { screen, stdin }: CommandContext,
): Promise<ExitCode> {
  if (given.length === 0) {
    screen.note("no audio files given: fun-asr transcribe -m MODEL -f FILE… (see --help)");
    return exitCodes.usage;
  }
  let inputs: Input[];
  let chosen: TranscribeOptions;
  try {
    inputs = findInputs(given, { stdin, pcm: flags.pcm });
    await checkOutputs(
      inputs.map(({ name }) => name),
      flags,
    );
    if (flags.partials && !flags.jsonLines) {
      throw new UsageError("bad_option", "--partials", "results as plain text", { wanted: "--json-lines" });
    }
    chosen = await transcribeOptions(flags);
  } catch (error) {
    screen.note(explain(error));
    return exitCodeOf(error, exitCodes.usage);
  }
  try {
    if (flags.dryRun) {
      const { plan, exitCode } = await describePlan(
        flags,
        { recognition: chosen, tensorflow: tensorflowOptions(flags) },
        inputs,
      );
      screen.result(JSON.stringify(plan, undefined, 2));
      return exitCode;
    }
    const show = flags.print ? (now: Progress): void => screen.progress(progressLine(now)) : undefined;
    const amMvn = flags.amMvn === undefined ? undefined : await readText(flags.amMvn);
    const { backend, threads, vad } = flags;
    const tensorflow = tensorflowOptions(flags);
    return await interruptible(async (signal) => {
      const loading = { backend, threads, tensorflow, signal, onProgress: show, amMvn, vad };
      using model = await loadModel(flags, loading);
      return await transcribeAll(model, inputs, flags, { ...chosen, signal }, screen);
    });
  } catch (error) {
    screen.note(explain(error));
    return exitCodeOf(error, exitCodes.model);
  } finally {
    screen.progress("");
  }
}

async function transcribeAll(
  model: Transcriber,
  inputs: readonly Input[],
  flags: Flags,
  options: TranscribeOptions,
  screen: Terminal,
): Promise<ExitCode> {
  const failed: string[] = [];
  let exitCode: ExitCode = exitCodes.fine;
  for (const [i, { name, open }] of inputs.entries()) {
    try {
      const onProgress = flags.print
        ? (now: Progress): void => screen.progress(place(inputs.length, i, name, now) + progressLine(now))
        : undefined;
      const onSegment = (segment: Segment): void => {
        if (flags.jsonLines) screen.result(JSON.stringify({ event: "segment", file: name, ...segment }));
        if (flags.printProgress) screen.note(`${name}: ${clock(segment.end, ".")} done`);
      };
      const onPartial = flags.partials
        ? ({ event, ...partial }: PartialResult): void =>
            screen.result(JSON.stringify({ event, file: name, ...partial }))
        : undefined;
      const listening = { ...options, onProgress, onSegment, onPartial };
      const transcription = await model.transcribe(await open(), listening);
      for (const { message } of transcription.warnings) screen.note(`${name}: ${message}`);
      if (flags.strict) refuseDoubts(name, transcription);
      const whole = { file: name, model: model.info, ...transcription };
      screen.result(
        flags.jsonLines ? JSON.stringify({ event: "result", ...whole }) : transcription.text.trim(),
      );
      await writeOutputs(name, transcription, whole, flags);
    } catch (error) {
      if (options.signal?.aborted === true) throw error;
      const message = explain(error);
      screen.note(message.includes(name) ? message : `${name}: ${message}`);
      failed.push(name);
      if (exitCode === exitCodes.fine) exitCode = exitCodeOf(error, exitCodes.audio);
    }
  }
  if (failed.length > 0 && inputs.length > 1) {
    screen.note(`${failed.length} of ${inputs.length} files failed: ${failed.join(", ")}`);
  }
  return exitCode;
}

/** That nothing is said is a result like any other; every other warning says that the text may be another. */
function refuseDoubts(name: string, { warnings }: Transcription): void {
  const doubts = warnings.filter(({ code }) => code !== "silence").map(({ code }) => code);
  if (doubts.length > 0) throw new StrictError(name, [...new Set(doubts)].join(", "));
}

function tensorflowOptions({ arithmetic, decoding, expanded }: Flags): TensorflowOptions {
  return {
    ...(arithmetic === undefined ? {} : { arithmetic }),
    ...(decoding === undefined ? {} : { decoding }),
    ...(expanded === undefined ? {} : { expanded }),
  };
}

async function transcribeOptions(flags: Flags): Promise<TranscribeOptions> {
  return {
    ...(await recognition(flags)),
    ...recordingRules(flags),
    ...(flags.outputJsonFull ? { logprobs: true } : {}),
    timestamps: needTimes(flags) ? "word" : flags.timestamps ? "token" : "none",
    frontend: flags.frontend,
    cmvn: flags.cmvn,
  };
}

/** Which file it is, and where in it. */
function place(files: number, index: number, name: string, { seconds }: Progress): string {
  const file = files > 1 ? `${index + 1}/${files} ${name} ` : "";
  return seconds === undefined ? file : `${file}${clock(seconds, ".").slice(0, 8)} `;
}
