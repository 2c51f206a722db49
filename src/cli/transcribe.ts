/** `fun-asr transcribe`: files to text. */
import { Option } from "commander";
import type { Command } from "commander";
import { backendNames } from "../nn/backend.ts";
import type { BackendName } from "../nn/backend.ts";
import type { TranscribeOptions, Transcriber, Transcription } from "../transcriber.ts";
import type { Progress } from "../recognizers/recognizer.ts";
import { progressLine } from "./audio-options.ts";
import type { Terminal } from "./console.ts";
import { exitCodeOf, exitCodes, explain } from "./exit.ts";
import type { ExitCode } from "./exit.ts";
import { loadModel, modelOptions } from "./model-options.ts";
import type { ModelFlags } from "./model-options.ts";
import { chosenOutputs, needTimes, outputOptions, writeOutputs } from "./outputs.ts";
import type { OutputFlags } from "./outputs.ts";
import { wholeNumber } from "./parse.ts";
import { recognition, recognitionOptions } from "./recognition-options.ts";
import type { RecognitionFlags } from "./recognition-options.ts";
import type { CommandContext } from "./program.ts";
import { readText } from "../text-file.ts";

interface Flags extends ModelFlags, OutputFlags, RecognitionFlags {
  readonly file?: string[];
  readonly timestamps: boolean;
  readonly frontend: "kaldi" | "htk" | "sherpa";
  readonly cmvn: "file" | "off";
  readonly amMvn?: string;
  readonly jsonLines: boolean;
  readonly backend?: BackendName;
  readonly threads?: number;
  readonly print: boolean;
}

export function registerTranscribe(program: Command, { screen, finish }: CommandContext): void {
  const command = program
    .command("transcribe", { isDefault: true })
    .description("turn audio files into text");
  outputOptions(recognitionOptions(modelOptions(command)))
    .argument("[files...]", "audio files, as with -f")
    .option("-f, --file <files...>", "audio files: WAV, FLAC, MP3, Ogg Vorbis; others through ffmpeg")
    .option("--timestamps", "add character times to the JSON (needs the CTC branch)", false)
    .addOption(
      new Option("--frontend <kind>", "how features are made")
        .choices(["kaldi", "htk", "sherpa"])
        .default("kaldi"),
    )
    .addOption(
      new Option("--cmvn <rule>", "whether features are normalised by the model's constants")
        .choices(["file", "off"])
        .default("file"),
    )
    .option("--am-mvn <file>", "those constants, for a Paraformer or SenseVoice file without them")
    .option("--json-lines", "print one JSON object per file instead of text", false)
    .addOption(
      new Option("--backend <name>", "what computes (default: wasm, or FUN_ASR_BACKEND)").choices(
        backendNames,
      ),
    )
    .option("-t, --threads <count>", "threads to compute with (default: all cores)", wholeNumber(1, 64))
    .option("--no-print", "(-np) print no progress")
    .action(async (files: string[], flags: Flags) => {
      finish(await transcribe([...files, ...(flags.file ?? [])], flags, screen));
    });
}

/** Transcribes each file; a bad one is reported and the rest goes on. The exit code is that of the first failure. */
async function transcribe(files: readonly string[], flags: Flags, screen: Terminal): Promise<ExitCode> {
  if (files.length === 0) {
    screen.note("no audio files given: fun-asr transcribe -m MODEL -f FILE… (see --help)");
    return exitCodes.usage;
  }
  if (flags.outputFile !== undefined && files.length > 1) {
    screen.note("--output-file names one output, but there are several inputs");
    return exitCodes.usage;
  }
  let chosen: TranscribeOptions;
  try {
    chosen = await transcribeOptions(flags);
  } catch (error) {
    screen.note(explain(error));
    return exitCodeOf(error, exitCodes.usage);
  }
  const interrupt = new AbortController();
  const stop = (): void => interrupt.abort();
  process.once("SIGINT", stop);
  try {
    const onProgress = flags.print ? (now: Progress): void => screen.progress(progressLine(now)) : undefined;
    const { signal } = interrupt;
    const options = { ...chosen, signal, onProgress };
    const amMvn = flags.amMvn === undefined ? undefined : await readText(flags.amMvn);
    using model = await loadModel(flags, {
      backend: flags.backend,
      threads: flags.threads,
      signal,
      onProgress,
      amMvn,
    });
    return await transcribeAll(model, files, flags, options, screen);
  } catch (error) {
    screen.note(explain(error));
    return exitCodeOf(error, exitCodes.model);
  } finally {
    screen.progress("");
    process.off("SIGINT", stop);
  }
}

async function transcribeAll(
  model: Transcriber,
  files: readonly string[],
  flags: Flags,
  options: TranscribeOptions,
  screen: Terminal,
): Promise<ExitCode> {
  const failed: string[] = [];
  let exitCode: ExitCode = exitCodes.fine;
  for (const file of files) {
    try {
      const transcription = await model.transcribe(file, options);
      screen.result(
        flags.jsonLines ? JSON.stringify(report(file, model, transcription)) : transcription.text.trim(),
      );
      for (const { message } of transcription.warnings) screen.note(`${file}: ${message}`);
      await writeOutputs(file, transcription, report(file, model, transcription), flags);
    } catch (error) {
      if (options.signal?.aborted === true) throw error;
      const message = explain(error);
      screen.note(message.includes(file) ? message : `${file}: ${message}`);
      failed.push(file);
      if (exitCode === exitCodes.fine) exitCode = exitCodeOf(error, exitCodes.audio);
    }
  }
  if (failed.length > 0 && files.length > 1) {
    screen.note(`${failed.length} of ${files.length} files failed: ${failed.join(", ")}`);
  }
  return exitCode;
}

async function transcribeOptions(flags: Flags): Promise<TranscribeOptions> {
  return {
    ...(await recognition(flags)),
    timestamps: needTimes(chosenOutputs(flags)) ? "word" : flags.timestamps ? "character" : "none",
    frontend: flags.frontend,
    cmvn: flags.cmvn,
  };
}

/** The JSON form of a result: plain data, seconds and milliseconds as numbers. */
function report(
  file: string,
  { info }: Transcriber,
  transcription: Transcription,
): Readonly<Record<string, unknown>> {
  return { file, model: info, ...transcription };
}
