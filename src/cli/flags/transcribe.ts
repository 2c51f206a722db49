/** The flags of `transcribe`. */
import { MAX_SAMPLE_RATE, MIN_SAMPLE_RATE } from "../../audio/limits.ts";
import { load } from "../../options/methods.ts";
import * as options from "../../options/table.ts";
import type { FlagTable } from "./flag.ts";
import { outputFlags } from "./outputs.ts";
import * as shared from "./shared.ts";

const { decodingOptions: decoding, hotwordListOptions: list } = options;
const chunk = options.recordingOptions.chunk.value.options;
const tensorflow = load.tensorflow.value.options;

const inputFlags = {
  file: {
    group: "Input",
    short: "-f",
    placeholder: "files",
    value: { kind: "text" },
    several: true,
    help:
      "audio files, folders or patterns, or - for standard input; WAV, FLAC, MP3, Ogg Vorbis, Opus (also in MP4 and " +
      "WebM), other formats through ffmpeg",
  },
  pcm: {
    group: "Input",
    placeholder: "rate",
    value: { kind: "number", least: MIN_SAMPLE_RATE, most: MAX_SAMPLE_RATE, whole: true, unit: "Hz" },
    help: "read the input as raw 16-bit little-endian mono samples with this sample rate",
  },
  offsetT: {
    group: "Input",
    short: "-ot",
    placeholder: "ms",
    value: { kind: "number", least: 0, unit: "milliseconds" },
    default: 0,
    option: "start",
    divisor: 1000,
    help: "start MS milliseconds into the recording",
  },
  duration: {
    group: "Input",
    short: "-d",
    placeholder: "ms",
    value: { kind: "number", least: 1, unit: "milliseconds" },
    default: "to the end",
    option: "duration",
    divisor: 1000,
    help: "transcribe MS milliseconds of the recording",
  },
} as const satisfies FlagTable;

export const promptFlags = {
  ...shared.languageFlag,
  ...shared.contextFlag,
  promptStyle: {
    ...options.promptOptions.promptStyle,
    group: "Prompt",
    placeholder: "style",
    option: "promptStyle",
  },
  ...shared.itnFlag,
} as const satisfies FlagTable;

export const hotwordFlags = {
  hotwords: { ...shared.hotwordsFlag.hotwords, group: "Hotwords" },
  hotwordsFile: {
    group: "Hotwords",
    placeholder: "file",
    value: { kind: "text" },
    help: "file of hotwords, one per line; # starts a comment",
  },
  hotwordSearch: {
    ...options.hotwordOptions.hotwordSearch,
    group: "Hotwords",
    placeholder: "kind",
    option: "hotwordSearch",
  },
  hotwordsThreshold: { ...list.threshold, group: "Hotwords", placeholder: "score" },
  hotwordsMax: { ...list.max, group: "Hotwords", placeholder: "count" },
  corrections: {
    group: "Hotwords",
    placeholder: "file",
    value: { kind: "text" },
    help: "file of rules for the final text, one per line: wrong => right, or /pattern/ => right",
  },
} as const satisfies FlagTable;

export const decodingFlags = {
  decoder: { ...decoding.decoder, group: "Decoding", placeholder: "name", option: "decoder" },
  ctcBranch: { ...decoding.ctc, group: "Decoding", placeholder: "when", option: "ctc" },
  draft: { ...decoding.draft, group: "Decoding", placeholder: "source", option: "draft" },
  draftTokens: { ...decoding.draftTokens, group: "Decoding", placeholder: "count", option: "draftTokens" },
  ...shared.maxTokensFlag,
  temperature: { ...decoding.temperature, group: "Decoding", option: "temperature" },
  topK: { ...decoding.topK, group: "Decoding", placeholder: "k", option: "topK" },
  topP: { ...decoding.topP, group: "Decoding", placeholder: "p", option: "topP" },
  seed: { ...decoding.seed, group: "Decoding", placeholder: "number", option: "seed" },
  repetitionPenalty: {
    ...decoding.repetitionPenalty,
    group: "Decoding",
    placeholder: "factor",
    option: "repetitionPenalty",
  },
  fallback: {
    value: { kind: "boolean" },
    group: "Decoding",
    help: "retry at higher temperatures when the text repeats itself or is improbable",
  },
  fallbackTemperatures: {
    ...decoding.fallback.value.options.temperatures,
    group: "Decoding",
    placeholder: "list",
    help: "temperatures of the retries, separated by commas; implies --fallback",
  },
  logprobs: { ...decoding.logprobs, group: "Decoding" },
  silenceGate: { ...decoding.silenceGate, group: "Decoding", placeholder: "rule", option: "silenceGate" },
} as const satisfies FlagTable;

const chunkFlags = {
  chunkSeconds: {
    ...chunk.seconds,
    group: "Long recordings",
    placeholder: "seconds",
    option: "chunk.seconds",
  },
  chunkOverlap: {
    ...chunk.overlap,
    group: "Long recordings",
    placeholder: "seconds",
    option: "chunk.overlap",
  },
  chunkPause: { ...chunk.pause, group: "Long recordings", placeholder: "seconds", option: "chunk.pause" },
  chunkCut: {
    ...chunk.cut,
    group: "Long recordings",
    placeholder: "where",
    default: "quiet; vad with --vad",
    option: "chunk.cut",
  },
  parallel: {
    ...options.recordingOptions.parallel,
    group: "Long recordings",
    placeholder: "count",
    option: "parallel",
  },
  vad: { ...load.vad, value: { kind: "text" }, group: "Long recordings", placeholder: "file" },
} as const satisfies FlagTable;

const resultFlags = {
  ...shared.timeFlags,
  jsonLines: {
    value: { kind: "boolean" },
    group: "Output",
    help: "print JSON: one line for each segment when it is final, then one for the file",
  },
  partials: {
    value: { kind: "boolean" },
    group: "Output",
    help: "print a line for each update of a segment that is not final yet, with --json-lines",
  },
  ...shared.quietFlag,
  progress: {
    value: { kind: "choice", values: ["auto", "bar", "lines", "none"] },
    group: "Output",
    placeholder: "kind",
    initial: "auto",
    help:
      "progress on stderr: in one line that changes (bar), in a new line every 10 seconds (lines), or none; auto: bar on " +
      "a terminal, else lines",
  },
  stats: {
    value: { kind: "boolean" },
    group: "Output",
    help: "write the time of each step, the numbers of tokens and the speed to stderr",
  },
  printProgress: {
    value: { kind: "boolean" },
    group: "Output",
    short: "-pp",
    help: "write a note for each finished segment, also where stderr is no terminal",
  },
  strict: {
    value: { kind: "boolean" },
    group: "Output",
    help: "refuse a result with a warning, except for silence (exit code 6)",
  },
  dryRun: {
    value: { kind: "boolean" },
    group: "Output",
    help: "print model, options and files as JSON, and transcribe nothing",
  },
} as const satisfies FlagTable;

/** How a batch goes on. */
const batchFlags = {
  skipExisting: {
    value: { kind: "boolean" },
    group: "Output files",
    help: "skip the inputs whose output files exist",
  },
  resume: {
    value: { kind: "boolean" },
    group: "Output files",
    help: "go on with a run that was interrupted, from its BASE.partial.jsonl files; with the same model and options",
  },
} as const satisfies FlagTable;

/** How the backend tensorflow computes. */
export const tensorflowFlags = {
  arithmetic: {
    ...tensorflow.arithmetic,
    group: "Backend",
    placeholder: "type",
    option: "arithmetic",
    help: `tensorflow: ${tensorflow.arithmetic.help}`,
  },
  decoding: {
    ...tensorflow.decoding,
    group: "Backend",
    placeholder: "way",
    option: "decoding",
    help: `tensorflow: ${tensorflow.decoding.help}`,
  },
  expanded: {
    value: { kind: "boolean" },
    group: "Backend",
    help: `tensorflow: ${tensorflow.expanded.help}`,
  },
} as const satisfies FlagTable;

/** The flags that become options of the library's `transcribe`. */
export const recognitionFlags = {
  ...inputFlags,
  ...promptFlags,
  ...hotwordFlags,
  ...decodingFlags,
  ...shared.punctuationFlags,
  ...chunkFlags,
  ...shared.featureFlags,
  ...resultFlags,
} as const satisfies FlagTable;

export const transcribeFlags = {
  ...inputFlags,
  ...shared.modelFlags,
  ...promptFlags,
  ...hotwordFlags,
  ...decodingFlags,
  ...shared.punctuationFlags,
  ...chunkFlags,
  ...shared.featureFlags,
  ...resultFlags,
  ...outputFlags,
  ...batchFlags,
  ...shared.backendFlags,
  ...tensorflowFlags,
} as const satisfies FlagTable;
