/** The output formats by name: file extension and writer. */
import type { CueOptions } from "./cues.ts";
import { toJson } from "./json.ts";
import type { JsonDocument } from "./json.ts";
import { toCtm, toRttm } from "./nist.ts";
import { toLrc, toSrt, toVtt } from "./subtitles.ts";
import { toCsv, toTsv } from "./tables.ts";
import type { TableOptions } from "./tables.ts";
import { withoutControls } from "./clean.ts";
import { toTextGrid } from "./textgrid.ts";
import type { Transcript } from "./transcript.ts";

interface OutputOptions extends CueOptions, TableOptions {
  /** The recording's name, for formats that contain one. */
  readonly name: string;
  /** The result that JSON holds; the transcript alone by default. */
  readonly document?: JsonDocument | undefined;
}

interface OutputFormat {
  readonly extension: string;
  readonly write: (transcript: Transcript, options: OutputOptions) => string;
}

export const OUTPUT_FORMATS = {
  txt: { extension: "txt", write: ({ text }) => `${withoutControls(text).trim()}\n` },
  json: { extension: "json", write: (transcript, { document }) => toJson(document ?? transcript) },
  srt: { extension: "srt", write: toSrt },
  vtt: { extension: "vtt", write: toVtt },
  lrc: { extension: "lrc", write: toLrc },
  tsv: { extension: "tsv", write: toTsv },
  csv: { extension: "csv", write: toCsv },
  textgrid: { extension: "TextGrid", write: toTextGrid },
  ctm: { extension: "ctm", write: (transcript, { name }) => toCtm(transcript, name) },
  rttm: { extension: "rttm", write: (transcript, { name }) => toRttm(transcript, name) },
} as const satisfies Record<string, OutputFormat>;

export type OutputName = keyof typeof OUTPUT_FORMATS;

/** The path of a recording without its extension, where its output files go. */
export function outputBase(path: string): string {
  return path.replace(/(?<=[^/\\])\.[^./\\]*$/u, "");
}
