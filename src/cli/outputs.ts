/** The files that `transcribe` writes: which were asked for, how their cues are cut, and where they go. */
import { basename, resolve } from "node:path";
import type { Command } from "commander";
import { UsageError } from "../errors.ts";
import { checkPlace, writeAtomically } from "../adapters/node/atomic-file.ts";
import { OUTPUT_FORMATS } from "../text/outputs/formats.ts";
import type { OutputName } from "../text/outputs/formats.ts";
import type { Transcript } from "../text/outputs/transcript.ts";
import type { Transcription } from "../transcriber/transcriber.ts";
import { outputBase } from "../text/outputs/formats.ts";
import { nonNegative, wholeNumber } from "./parse.ts";

export interface OutputFlags {
  readonly outputTxt: boolean;
  readonly outputJson: boolean;
  readonly outputJsonFull: boolean;
  readonly outputSrt: boolean;
  readonly outputVtt: boolean;
  readonly outputLrc: boolean;
  readonly outputTsv: boolean;
  readonly outputCsv: boolean;
  readonly outputTextgrid: boolean;
  readonly outputCtm: boolean;
  readonly outputRttm: boolean;
  readonly outputFile?: string;
  readonly maxLen?: number;
  readonly maxSeconds?: number;
  readonly minGap?: number;
}

export function outputOptions(command: Command): Command {
  return command
    .option("--output-txt", "(-otxt) also write the text to FILE.txt", false)
    .option("--output-json", "(-oj) also write the result with timings and token counts to FILE.json", false)
    .option("--output-json-full", "(-ojf) the same with words, characters and probabilities", false)
    .option("--output-srt", "(-osrt) also write subtitles to FILE.srt", false)
    .option("--output-vtt", "(-ovtt) the same as WebVTT", false)
    .option("--output-lrc", "(-olrc) the same as LRC lyrics", false)
    .option("--output-tsv", "(-otsv) the same as a table, separated by tabs", false)
    .option("--output-csv", "(-ocsv) the same as a table, separated by commas", false)
    .option("--output-textgrid", "(-otextgrid) also write Praat tiers to FILE.TextGrid", false)
    .option("--output-ctm", "(-octm) also write words for NIST's tools to FILE.ctm", false)
    .option("--output-rttm", "(-orttm) also write stretches of speech for NIST's tools to FILE.rttm", false)
    .option("--output-file <base>", "(-of) base name of output files (one input only)")
    .option("--max-len <count>", "(-ml) most characters of a cue (default: 30)", wholeNumber(1, 10_000))
    .option("--max-seconds <seconds>", "longest cue (default: 6)", nonNegative)
    .option("--min-gap <seconds>", "shortest gap between two cues (default: 0)", nonNegative);
}

/** The formats that were asked for, in the order of the table of formats. */
export function chosenOutputs(flags: OutputFlags): OutputName[] {
  const chosen: { readonly [name in OutputName]: boolean } = {
    txt: flags.outputTxt,
    json: flags.outputJson || flags.outputJsonFull,
    srt: flags.outputSrt,
    vtt: flags.outputVtt,
    lrc: flags.outputLrc,
    tsv: flags.outputTsv,
    csv: flags.outputCsv,
    textgrid: flags.outputTextgrid,
    ctm: flags.outputCtm,
    rttm: flags.outputRttm,
  };
  return (Object.keys(chosen) as OutputName[]).filter((name) => chosen[name]);
}

/** Whether one of them cannot be written without times. */
export function needTimes(flags: OutputFlags): boolean {
  return flags.outputJsonFull || chosenOutputs(flags).some((name) => name !== "txt" && name !== "json");
}

/** Writes FILE.ext beside the audio, or under the base name that was given; each is there whole or not at all. */
export function writeOutputs(
  file: string,
  transcription: Transcription,
  extras: Readonly<Record<string, unknown>>,
  flags: OutputFlags,
): Promise<void> {
  const { segments: _, ...rest } = extras; // the transcript has them, rounded
  return writeTranscript(file, transcriptOf(transcription), rest, flags);
}

export async function writeTranscript(
  file: string,
  transcript: Transcript,
  extras: Readonly<Record<string, unknown>>,
  flags: OutputFlags,
): Promise<void> {
  const { maxLen: maxChars, maxSeconds, minGap } = flags;
  const options = { name: outputBase(basename(file)), extras, maxChars, maxSeconds, minGap };
  for (const format of chosenOutputs(flags)) {
    const { extension, write: render } = OUTPUT_FORMATS[format];
    const content = new TextEncoder().encode(render(transcript, options));
    const path = `${flags.outputFile ?? outputBase(file)}.${extension}`;
    await writeAtomically(path, (write) => write(content));
  }
}

function transcriptOf({ text, duration = 0, segments, warnings }: Transcription): Transcript {
  const parts = segments.map(({ characters, ...segment }) => ({ ...segment, characters }));
  return { text, duration, segments: parts, warnings };
}

/** The files that will be written for an input. */
export function outputPaths(file: string, flags: OutputFlags): string[] {
  const base = flags.outputFile ?? outputBase(file);
  return chosenOutputs(flags).map((format) => `${base}.${OUTPUT_FORMATS[format].extension}`);
}

/**
 * Whether every output has a name of its own, other than those of what is read (`kept` beside the inputs), and a place
 * where it can be written: to be known before anything is recognized. Throws `bad_option` or `file_unwritable`.
 */
export async function checkOutputs(
  inputs: readonly string[],
  flags: OutputFlags,
  kept: readonly string[] = [],
): Promise<void> {
  if (flags.outputFile !== undefined && inputs.length > 1) {
    throw new UsageError("bad_option", "--output-file", "names one output, but there are several inputs");
  }
  const taken = new Set([...inputs, ...kept].map((path) => resolve(path)));
  const writers = new Map<string, string>();
  for (const name of inputs) {
    for (const path of outputPaths(name, flags)) {
      const place = resolve(path);
      const other = writers.get(place);
      if (other !== undefined && resolve(other) !== resolve(name)) {
        throw new UsageError("bad_option", path, `would be written for ${other} and for ${name}`, {
          wanted: "inputs whose names differ in more than their extension",
        });
      }
      if (taken.has(place)) {
        throw new UsageError("bad_option", path, "would be written over what is read", {
          wanted: "another name (--output-file)",
        });
      }
      writers.set(place, name);
    }
  }
  for (const place of writers.keys()) await checkPlace(place);
}
