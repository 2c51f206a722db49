/** The output files of `transcribe` and `align`: their formats, paths and contents. */
import { basename, dirname } from "node:path";
import { UsageError } from "../errors.ts";
import { writeAtomically } from "../adapters/node/output/atomic-file.ts";
import { createFolder } from "../adapters/node/output/create-folder.ts";
import { guardOutputs, refuseInputs } from "../adapters/node/output/guard.ts";
import type { Inputs } from "../adapters/node/output/guard.ts";
import { findPlace, standardOutput } from "../adapters/node/output/place.ts";
import type { CueBorders } from "../text/outputs/cue-pieces.ts";
import { OUTPUT_FORMATS } from "../text/outputs/formats.ts";
import type { OutputName } from "../text/outputs/formats.ts";
import type { JsonDocument } from "../text/outputs/json.ts";
import type { Transcript } from "../text/outputs/transcript.ts";
import { outputBase } from "../text/outputs/formats.ts";
import type { FlagValues } from "./flags/flag.ts";
import type { outputFlags } from "./flags/outputs.ts";
import { outputBases, partialBase } from "./output-names.ts";

type OutputFlags = FlagValues<typeof outputFlags>;

/** An audio file, and the path of its output files without extension. */
export interface OutputOf {
  readonly file: string;
  readonly base: string;
}

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

interface Writing {
  /** Where cues may end. */
  readonly borders?: CueBorders;
  /** Leaves devices and pipes out: what was written to them stays, and a pipe's reader ends with the first text. */
  readonly onlyFiles?: boolean;
}

/** Writes the output files of an input: BASE.ext each; a file is written as a whole or not at all. */
export async function writeTranscript(
  { file, base }: OutputOf,
  transcript: Transcript,
  document: JsonDocument,
  flags: OutputFlags,
  { borders, onlyFiles = false }: Writing = {},
): Promise<void> {
  const { maxLen: maxChars, maxLines, maxSeconds, minGap, stops, csvBom: bom, formulas } = flags;
  const shape = { maxChars, maxLines, maxSeconds, minGap, stops, borders };
  const options = { name: outputBase(basename(file)), document, ...shape, bom, formulas };
  for (const format of chosenOutputs(flags)) {
    const { extension, write: render } = OUTPUT_FORMATS[format];
    const path = outputPath(base, extension);
    if (onlyFiles && (await findPlace(path)).kind !== "file") continue;
    const content = new TextEncoder().encode(render(transcript, options));
    await writeAtomically(path, (write) => write(content));
  }
}

/** Whether the outputs go to standard output, in place of what is printed there. */
export const toStandardOutput = ({ outputFile }: OutputFlags): boolean => outputFile === "-";

/** Whether there are output files. */
export const toFiles = (flags: OutputFlags): boolean =>
  !toStandardOutput(flags) && chosenOutputs(flags).length > 0;

const outputPath = (base: string, extension: string): string =>
  base === standardOutput ? base : `${base}.${extension}`;

/** The paths of the output files with this base. */
export function outputPaths(base: string, flags: OutputFlags): string[] {
  return chosenOutputs(flags).map((format) => outputPath(base, OUTPUT_FORMATS[format].extension));
}

/**
 * Checks, before the recognition, that no output is read and that all can be written; creates the folders of
 * `--output-dir`, but not for `--dry-run`. Returns the base of each input's outputs. Throws `bad_option` or
 * `file_unwritable`, and the signal's reason.
 */
export async function checkOutputs(
  names: readonly string[],
  flags: OutputFlags & { readonly dryRun?: boolean },
  inputs: Inputs,
  signal?: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  if (toStandardOutput(flags) && chosenOutputs(flags).length !== 1) {
    throw new UsageError("bad_option", "--output-file", "standard output for other than one format", {
      wanted: "one format, such as -osrt",
    });
  }
  const bases = await outputBases(names, flags, signal);
  const outputs = [...bases.values()].flatMap((base) => outputPaths(base, flags));
  const options = { wanted: "another name (--output-file) or folder (--output-dir)", signal };
  const partial = [...bases.values()].flatMap((base) => outputPaths(partialBase(base), flags));
  await refuseInputs([...outputs, ...partial], inputs, options);
  if (flags.outputDir !== undefined) {
    if (flags.dryRun === true) return bases;
    for (const folder of new Set(outputs.map((path) => dirname(path)))) await createFolder(folder);
  }
  await guardOutputs(outputs, inputs, options);
  return bases;
}
