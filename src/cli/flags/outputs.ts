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
  outputTsv: { ...written, short: "-otsv", help: "write the segments as tab-separated values to FILE.tsv" },
  outputCsv: { ...written, short: "-ocsv", help: "write the segments as comma-separated values to FILE.csv" },
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
  outputDir: {
    group: "Output files",
    placeholder: "folder",
    value: { kind: "text" },
    default: "the folder of the audio file",
    conflicts: "outputFile",
    help: "folder of the output files, which is created if there is none",
  },
  formulas: {
    group: "Output files",
    value: { kind: "choice", values: ["escape", "keep"] },
    default: "escape in CSV, keep in TSV",
    help: "texts that begin with = + - or @: an apostrophe keeps spreadsheets from taking them for formulas (escape), or not (keep)",
  },
  maxLen: {
    group: "Subtitles",
    short: "-ml",
    placeholder: "count",
    value: { kind: "number", least: 1, most: 10_000, whole: true },
    default: "42; 18 with Chinese, Japanese or Korean",
    help: "longest line, in characters; in one with Chinese, Japanese or Korean, narrow characters count as half",
  },
  maxLines: {
    group: "Subtitles",
    placeholder: "count",
    value: { kind: "number", least: 1, most: 100, whole: true },
    default: 2,
    help: "most lines of a cue; LRC always has one",
  },
  maxSeconds: {
    group: "Subtitles",
    placeholder: "seconds",
    value: { kind: "number", least: 0.1, unit: "seconds" },
    default: 7,
    help: "longest cue, in seconds",
  },
  minGap: {
    group: "Subtitles",
    placeholder: "seconds",
    value: { kind: "number", least: 0, unit: "seconds" },
    default: 0.08,
    help: "shortest gap between two cues; by default two frames at 25 frames per second",
  },
  stops: {
    group: "Subtitles",
    value: { kind: "choice", values: ["keep", "cjk"] },
    default: "keep",
    help:
      "punctuation: all of it (keep), or without the commas and full stops of Chinese and Japanese, as is usual there: " +
      "none ends a line, and a space stands for one within it (cjk)",
  },
} as const satisfies FlagTable;
