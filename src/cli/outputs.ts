/** The output files of `transcribe` and `align`: their formats, paths and contents. */
import { basename, resolve } from "node:path";
import { UsageError } from "../errors.ts";
import { writeAtomically } from "../adapters/node/output/atomic-file.ts";
import { guardOutputs } from "../adapters/node/output/guard.ts";
import type { Inputs } from "../adapters/node/output/guard.ts";
import { standardOutput } from "../adapters/node/output/place.ts";
import type { CueBorders } from "../text/outputs/cue-pieces.ts";
import { OUTPUT_FORMATS } from "../text/outputs/formats.ts";
import type { OutputName } from "../text/outputs/formats.ts";
import type { JsonDocument } from "../text/outputs/json.ts";
import type { ModelInfo } from "../transcriber/types.ts";
import type { Transcript } from "../text/outputs/transcript.ts";
import type { Transcription } from "../longform/result.ts";
import { outputBase } from "../text/outputs/formats.ts";
import type { FlagValues } from "./flags/flag.ts";
import type { outputFlags } from "./flags/outputs.ts";

type OutputFlags = FlagValues<typeof outputFlags>;

/** The chosen formats, in the order of the table of formats. */
function chosenOutputs(flags: OutputFlags): OutputName[] {
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

/** Whether one of the chosen formats needs timestamps. */
export function needTimes(flags: OutputFlags): boolean {
  return flags.outputJsonFull || chosenOutputs(flags).some((name) => name !== "txt" && name !== "json");
}

/** Writes FILE.ext beside the audio file, or to the path of --output-file; a file is written as a whole or not at all. */
export function writeOutputs(
  file: string,
  transcription: Transcription,
  model: ModelInfo,
  flags: OutputFlags,
): Promise<void> {
  const { text, segments } = transcription;
  const transcript = { text, segments, duration: transcription.duration ?? 0 };
  return writeTranscript(file, transcript, { file, model, ...transcription, ...transcript }, flags);
}

/** `borders`: where cues may end. */
export async function writeTranscript(
  file: string,
  transcript: Transcript,
  document: JsonDocument,
  flags: OutputFlags,
  borders?: CueBorders,
): Promise<void> {
  const { maxLen: maxChars, maxLines, maxSeconds, minGap, stops, csvBom: bom, formulas } = flags;
  const shape = { maxChars, maxLines, maxSeconds, minGap, stops, borders };
  const options = { name: outputBase(basename(file)), document, ...shape, bom, formulas };
  for (const format of chosenOutputs(flags)) {
    const { extension, write: render } = OUTPUT_FORMATS[format];
    const content = new TextEncoder().encode(render(transcript, options));
    await writeAtomically(outputPath(file, extension, flags), (write) => write(content));
  }
}

/** Whether the outputs go to standard output, in place of what is printed there. */
export const toStandardOutput = ({ outputFile }: OutputFlags): boolean => outputFile === "-";

function outputPath(file: string, extension: string, flags: OutputFlags): string {
  if (toStandardOutput(flags)) return standardOutput;
  return `${flags.outputFile ?? outputBase(file)}.${extension}`;
}

/** The paths of the files to write for an input. */
export function outputPaths(file: string, flags: OutputFlags): string[] {
  return chosenOutputs(flags).map((format) => outputPath(file, OUTPUT_FORMATS[format].extension, flags));
}

/**
 * Checks, before the recognition, that all outputs have different paths, that none is read, and that all can be written.
 * Throws `bad_option` or `file_unwritable`.
 */
export async function checkOutputs(
  names: readonly string[],
  flags: OutputFlags,
  inputs: Inputs,
): Promise<void> {
  if (flags.outputFile !== undefined && names.length > 1) {
    throw new UsageError("bad_option", "--output-file", "names one output, but there are several inputs");
  }
  if (toStandardOutput(flags) && chosenOutputs(flags).length !== 1) {
    throw new UsageError("bad_option", "--output-file", "standard output for other than one format", {
      wanted: "one format, such as -osrt",
    });
  }
  const writers = new Map<string, string>();
  for (const name of names) {
    for (const path of outputPaths(name, flags)) {
      const place = resolve(path);
      const other = writers.get(place);
      if (other !== undefined && resolve(other) !== resolve(name)) {
        throw new UsageError("bad_option", path, `would be written for ${other} and for ${name}`, {
          wanted: "inputs whose names differ in more than their extension",
        });
      }
      writers.set(place, name);
    }
  }
  const outputs = names.flatMap((name) => outputPaths(name, flags));
  await guardOutputs(outputs, inputs, { wanted: "another name (--output-file)" });
}
