/** Flags that several commands have. */
import * as options from "../../options/table.ts";
import { load } from "../../options/methods.ts";
import type { FlagTable } from "./flag.ts";
import { splitHotwords } from "../../text/hotwords/hot-file.ts";

/** Which model. Without any of them, the best installed one. */
export const modelFlags = {
  model: {
    group: "Model",
    short: "-m",
    placeholder: "model",
    value: { kind: "text" },
    default: "auto",
    help:
      "model: the name of an installed one (see models), a GGUF file, a FunASR folder, its model.pt or " +
      "model.safetensors; auto: the best installed model for the language, else the demo model (demo)",
  },
  audio: {
    group: "Model",
    placeholder: "file",
    value: { kind: "text" },
    help: "file of the audio encoder and adaptor (ONNX or GGUF), instead of -m",
  },
  ctc: {
    group: "Model",
    placeholder: "file",
    value: { kind: "text" },
    help: "file of the CTC branch (ONNX or GGUF), with --audio",
  },
  llm: {
    group: "Model",
    placeholder: "file",
    value: { kind: "text" },
    help: "language model (GGUF), where -m or --audio has the audio encoder only",
  },
  tokens: {
    group: "Model",
    placeholder: "file",
    value: { kind: "text" },
    help: "tokens.txt of a CTC branch in ONNX, with --audio",
  },
} as const satisfies FlagTable;

/** What computes. */
export const backendFlags = {
  backend: { ...load.backend, group: "Backend", placeholder: "name", option: "backend" },
  threads: { ...load.threads, group: "Backend", short: "-t", placeholder: "count", option: "threads" },
} as const satisfies FlagTable;

/** What puts marks in the text. */
export const punctuationFlags = {
  puncModel: {
    ...load.punctuation,
    value: { kind: "text" },
    group: "Punctuation",
    placeholder: "model",
    default: "none",
    help: `${load.punctuation.help}; auto: the installed one, where the model needs it`,
  },
} as const satisfies FlagTable;

export const quietFlag = {
  print: {
    group: "Output",
    short: "-np",
    value: { kind: "boolean" },
    negated: "only",
    help: "show no progress",
  },
} as const satisfies FlagTable;

export const jsonFlag = {
  json: { group: "Output", value: { kind: "boolean" }, help: "print JSON" },
} as const satisfies FlagTable;

export const languageFlag = {
  language: {
    ...options.promptOptions.language,
    group: "Prompt",
    short: "-l",
    placeholder: "name",
    option: "language",
  },
} as const satisfies FlagTable;

export const contextFlag = {
  context: { ...options.promptOptions.context, group: "Prompt", placeholder: "text", option: "context" },
} as const satisfies FlagTable;

export const hotwordsFlag = {
  hotwords: {
    value: { kind: "text" },
    group: "Prompt",
    placeholder: "words",
    parse: splitHotwords,
    option: "hotwords",
    help: "words that may occur, best first, separated by commas; part of the prompt, or offered to SeACo-Paraformer",
  },
} as const satisfies FlagTable;

export const itnFlag = {
  itn: {
    value: { kind: "boolean" },
    group: "Prompt",
    negated: "only",
    option: "itn",
    help: "write numbers and dates as spoken (no inverse text normalization)",
  },
} as const satisfies FlagTable;

export const maxTokensFlag = {
  maxTokens: {
    ...options.decodingOptions.maxNewTokens,
    group: "Decoding",
    short: "-n",
    placeholder: "count",
    option: "maxNewTokens",
  },
} as const satisfies FlagTable;

export const stagesFlag = {
  stages: {
    group: "Activations",
    placeholder: "patterns",
    value: { kind: "text" },
    initial: "*",
    help: "names of the activations, separated by commas; * matches any text",
  },
} as const satisfies FlagTable;

/** How features are computed. */
export const featureFlags = {
  frontend: {
    ...options.featureOptions.frontend,
    group: "Features",
    placeholder: "kind",
    option: "frontend",
  },
  cmvn: { ...options.featureOptions.cmvn, group: "Features", placeholder: "rule", option: "cmvn" },
  amMvn: {
    value: { kind: "text" },
    group: "Features",
    placeholder: "file",
    help: "am.mvn of a Paraformer or SenseVoice model file without CMVN",
  },
  lowFrameRate: {
    ...options.featureOptions.lowFrameRate,
    group: "Features",
    negated: "also",
    negatedHelp: "give the language model all rows of the encoder",
    option: "lowFrameRate",
  },
} as const satisfies FlagTable;

/** How timestamps are found. */
export const alignFlags = {
  align: {
    ...options.alignOptions.method,
    group: "Timestamps",
    placeholder: "method",
    option: "align.method",
  },
  alignOffset: {
    ...options.alignOptions.offset,
    group: "Timestamps",
    placeholder: "seconds",
    option: "align.offset",
  },
} as const satisfies FlagTable;

/** The times that a transcription has. */
export const timeFlags = {
  timestamps: {
    value: { kind: "boolean" },
    group: "Timestamps",
    help: "add the timestamps of the labels to the JSON",
  },
  ...alignFlags,
} as const satisfies FlagTable;

/** The recording, where it is no argument. */
export const audioFlag = {
  file: {
    group: "Input",
    short: "-f",
    placeholder: "audio",
    value: { kind: "text" },
    help: "audio file",
  },
} as const satisfies FlagTable;

/** The flags of commands that run the model in one pass over a recording. */
export const singlePassFlags = {
  ...audioFlag,
  ...modelFlags,
  ...languageFlag,
  ...contextFlag,
  ...hotwordsFlag,
  ...itnFlag,
  ...maxTokensFlag,
  ...featureFlags,
  ...backendFlags,
  ...quietFlag,
} as const satisfies FlagTable;

/** The flags of commands that read one recording as a whole. */
export const recordingFlags = {
  ...audioFlag,
  ...modelFlags,
  ...languageFlag,
  ...backendFlags,
  ...quietFlag,
} as const satisfies FlagTable;
