/** The flags for output files. */
import type { FlagTable } from "./flag.ts";

const written = { group: "Output files", value: { kind: "boolean" } } as const;

export const outputFlags = {
  outputTxt: { ...written, short: "-otxt", help: "write the text to FILE.txt" },
  outputJson: {
    ...written,
    short: "-oj",
    help: "write the result with timings and token counts to FILE.json",
  },
  outputJsonFull: {
    ...written,
    short: "-ojf",
    help: "write FILE.json also with words, characters and probabilities",
  },
  outputSrt: { ...written, short: "-osrt", help: "write SubRip subtitles to FILE.srt" },
  outputVtt: { ...written, short: "-ovtt", help: "write WebVTT subtitles to FILE.vtt" },
  outputLrc: { ...written, short: "-olrc", help: "write LRC lyrics to FILE.lrc" },
  outputTsv: { ...written, short: "-otsv", help: "write cues as tab-separated values to FILE.tsv" },
  outputCsv: { ...written, short: "-ocsv", help: "write cues as comma-separated values to FILE.csv" },
  csvBom: { ...written, help: "begin FILE.csv with a byte order mark, so that Excel reads it as UTF-8" },
  outputTextgrid: { ...written, short: "-otextgrid", help: "write Praat tiers to FILE.TextGrid" },
  outputCtm: { ...written, short: "-octm", help: "write the words as NIST CTM to FILE.ctm" },
  outputRttm: { ...written, short: "-orttm", help: "write the speech segments as NIST RTTM to FILE.rttm" },
  outputFile: {
    group: "Output files",
    short: "-of",
    placeholder: "base",
    value: { kind: "text" },
    default: "the path of the audio file without its extension",
    help: "path of the output files without extension, for a single input; - writes one format to standard output",
  },
  maxLen: {
    group: "Output files",
    short: "-ml",
    placeholder: "count",
    value: { kind: "number", least: 1, most: 10_000, whole: true },
    default: 30,
    help: "longest cue, in characters",
  },
  maxSeconds: {
    group: "Output files",
    placeholder: "seconds",
    value: { kind: "number", least: 0.1, unit: "seconds" },
    default: 6,
    help: "longest cue, in seconds",
  },
  minGap: {
    group: "Output files",
    placeholder: "seconds",
    value: { kind: "number", least: 0, unit: "seconds" },
    default: 0,
    help: "shortest gap between two cues",
  },
} as const satisfies FlagTable;
