/** The files of `transcribe`, one after the other: texts, events, notes and output files. */
import type { TranscribeOptions } from "../longform/options.ts";
import type { PartialResult, Segment, Transcription } from "../longform/result.ts";
import type { Progress } from "../recognizers/options.ts";
import { clock } from "../text/outputs/clock.ts";
import type { Transcriber } from "../transcriber/transcriber.ts";
import { progressLine } from "./console.ts";
import type { Terminal } from "./console.ts";
import { exitCodeOf, exitCodes, explain, StrictError } from "./exit.ts";
import type { ExitCode } from "./exit.ts";
import type { FlagValues } from "./flags/flag.ts";
import type { transcribeFlags } from "./flags/transcribe.ts";
import type { Input } from "./inputs.ts";
import { toStandardOutput, writeOutputs } from "./outputs.ts";

type Flags = FlagValues<typeof transcribeFlags>;

/** Continues after a file that fails, with a note; the exit code is that of the first failure. Throws when interrupted. */
export async function transcribeFiles(
  model: Transcriber,
  inputs: readonly Input[],
  flags: Flags,
  options: TranscribeOptions,
  screen: Terminal,
): Promise<ExitCode> {
  const failed: string[] = [];
  let exitCode: ExitCode = exitCodes.fine;
  for (const [i, input] of inputs.entries()) {
    const { name } = input;
    const position = inputs.length > 1 ? `${i + 1}/${inputs.length} ${name} ` : "";
    try {
      await transcribeFile(
        model,
        input,
        flags,
        { ...options, ...callbacks(name, position, flags, screen) },
        screen,
      );
    } catch (error) {
      if (options.signal?.aborted === true) throw error;
      const message = explain(error);
      screen.note(message.includes(name) ? message : `${name}: ${message}`);
      failed.push(name);
      if (exitCode === exitCodes.fine) exitCode = exitCodeOf(error);
    }
  }
  if (failed.length > 0 && inputs.length > 1) {
    screen.note(`${failed.length} of ${inputs.length} files failed: ${failed.join(", ")}`);
  }
  return exitCode;
}

async function transcribeFile(
  model: Transcriber,
  { name, open }: Input,
  flags: Flags,
  options: TranscribeOptions,
  screen: Terminal,
): Promise<void> {
  const transcription = await model.transcribe(await open(), options);
  for (const { message } of transcription.warnings) screen.note(`${name}: ${message}`);
  if (flags.strict) refuseWarnings(name, transcription);
  const whole = { file: name, model: model.info, ...transcription };
  if (flags.jsonLines) screen.result(JSON.stringify({ event: "result", ...whole }));
  else if (!toStandardOutput(flags)) screen.result(transcription.text.trim());
  await writeOutputs(name, transcription, model.info, flags);
}

/** What is shown while a file is transcribed. */
function callbacks(
  file: string,
  position: string,
  flags: Flags,
  screen: Terminal,
): Pick<TranscribeOptions, "onProgress" | "onSegment" | "onPartial"> {
  const time = ({ seconds }: Progress): string =>
    seconds === undefined ? "" : `${clock(seconds, ".").slice(0, 8)} `;
  const onProgress = (now: Progress): void => screen.progress(position + time(now) + progressLine(now));
  const onSegment = (segment: Segment): void => {
    if (flags.jsonLines) screen.result(JSON.stringify({ event: "segment", file, ...segment }));
    if (flags.printProgress) screen.note(`${file}: ${clock(segment.end, ".")} done`);
  };
  const onPartial = ({ event, ...partial }: PartialResult): void =>
    screen.result(JSON.stringify({ event, file, ...partial }));
  return {
    onSegment,
    ...(flags.print ? { onProgress } : {}),
    ...(flags.partials ? { onPartial } : {}),
  };
}

/** Silence is a result like any other; every other warning puts the text in doubt. */
function refuseWarnings(name: string, { warnings }: Transcription): void {
  const doubts = warnings.filter(({ code }) => code !== "silence").map(({ code }) => code);
  if (doubts.length > 0) throw new StrictError(name, [...new Set(doubts)].join(", "));
}
