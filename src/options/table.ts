/**
 * The options of the library's methods: names, values, defaults and one line of help each. The check of options, the
 * flags of the command line and the documentation all read these tables.
 */
import type { OptionTable } from "./rules.ts";

/** The prompt of the language model. */
export const promptOptions = {
  language: {
    value: { kind: "text" },
    default: "auto",
    help: "spoken language, as a code or a name (zh, en, 中文); auto leaves it to the model",
  },
  languageText: {
    value: { kind: "text" },
    help: "wording of the language in the prompt, used verbatim instead of `language`",
  },
  context: { value: { kind: "text" }, help: "topic of the recording; part of the prompt" },
  itn: {
    value: { kind: "boolean" },
    default: true,
    help: "inverse text normalization: write numbers and dates in digits",
  },
  promptStyle: {
    value: { kind: "choice", values: ["official", "fun-asr-gguf"] },
    default: "official",
    help: "prompt template: FunASR's or Fun-ASR-GGUF's",
  },
} as const satisfies OptionTable;

/** Words that the recognition should prefer. */
export const hotwordOptions = {
  hotwords: {
    value: { kind: "other", type: "an array of strings, or a Hotwords object" },
    help: "words that may occur, best first; part of the prompt, or offered to SeACo-Paraformer",
  },
  hotwordSearch: {
    value: { kind: "choice", values: ["auto", "none", "draft", "ctc"] },
    default: "auto",
    help:
      "hotwords that are offered: all (none), those that sound like the CTC text (draft), also those among the " +
      "top CTC labels (ctc); auto: none for up to 10 words (SeACo-Paraformer: 1000), else draft",
  },
} as const satisfies OptionTable;

/** The options of the class `Hotwords`. */
export const hotwordListOptions = {
  threshold: {
    value: { kind: "number", least: 0, above: true, most: 1 },
    default: 0.6,
    help: "least phonetic similarity of a hotword that is offered",
  },
  max: {
    value: { kind: "number", least: 0, whole: true },
    default: 10,
    help: "most hotwords that are found and offered",
  },
  replace: {
    value: { kind: "number", least: 0, above: true, most: 1, or: false },
    default: 1,
    help: "least similarity at which a hotword replaces the text of a model that takes none; false: never",
  },
  corrections: {
    value: { kind: "text" },
    help: "rules for the final text, one per line: `wrong => right` or `/pattern/ => right`",
  },
} as const satisfies OptionTable;

const temperature = { kind: "number", least: 0, most: 10 } as const;

/** From logits to tokens. */
export const decodingOptions = {
  decoder: {
    value: { kind: "choice", values: ["llm", "ctc"] },
    default: "llm",
    help: "what writes the text: the language model (llm), or the CTC branch alone (ctc), which is faster",
  },
  ctc: {
    value: { kind: "choice", values: ["auto", "off"] },
    default: "auto",
    help:
      "when the CTC branch runs: always, where the model has one, to check the text (auto), or only where another " +
      "option needs it (off)",
  },
  draft: {
    value: { kind: "choice", values: ["ctc", "off"] },
    default: "ctc",
    help:
      "what drafts the next tokens for the language model, which checks several at once and writes the same text " +
      "sooner: the text of the CTC branch, where that runs (ctc), or nothing (off); backends wasm and cpu",
  },
  draftTokens: {
    value: { kind: "number", least: 1, most: 15, whole: true },
    default: "3; 5 where the last ones were right",
    help: "tokens of the draft that are checked at once; odd numbers compute as many columns as the kernels do best",
  },
  maxNewTokens: {
    value: { kind: "number", least: 1, whole: true, or: "auto" },
    default: 512,
    help: "most tokens that are generated per segment; auto: 20 per second of audio, plus 32",
  },
  temperature: { value: temperature, default: 0, help: "sampling temperature; 0 is greedy decoding" },
  topK: {
    value: { kind: "number", least: 0, whole: true },
    default: 50,
    help: "sample from the K most likely tokens; 0: from all",
  },
  topP: {
    value: { kind: "number", least: 0, above: true, most: 1 },
    default: 1,
    help: "sample from the most likely tokens whose probabilities sum to P",
  },
  seed: {
    value: { kind: "number", least: 0, most: 4_294_967_295, whole: true },
    default: 0,
    help: "random seed for sampling; the same seed gives the same text",
  },
  repetitionPenalty: {
    value: { kind: "number", least: 0.1, most: 10 },
    default: 1,
    help: "divides the logits of tokens that were already generated; 1: no penalty",
  },
  fallback: {
    value: {
      kind: "options",
      options: {
        temperatures: {
          value: { kind: "numbers", each: temperature, most: 20 },
          default: "0.3,0.6,0.9",
          help: "temperatures of the retries, in order",
        },
        compressionRatio: {
          value: { kind: "number" },
          default: 2.4,
          help: "retry a text whose zlib compression ratio is higher",
        },
        avgLogprob: {
          value: { kind: "number" },
          default: -1,
          help: "retry a text whose mean log probability per token is lower",
        },
      },
    },
    default: "no retries",
    help: "retry at higher temperatures when the text repeats itself or is improbable; {} takes the defaults",
  },
  logprobs: {
    value: { kind: "boolean" },
    default: false,
    help: "add the log probability of each token to the result",
  },
  silenceGate: {
    value: { kind: "choice", values: ["level", "ctc", "off"] },
    default: "level",
    help:
      "when to skip a segment as silent: its loudest 30 ms are below -70 dBFS and less than 20 dB above its " +
      "background (level), the CTC branch also finds no speech (ctc), or never (off)",
  },
} as const satisfies OptionTable;

/** How timestamps are found. */
export const alignOptions = {
  method: {
    value: { kind: "choice", values: ["ctc-forced", "text"] },
    default: "ctc-forced",
    help: "forced alignment with the CTC branch (ctc-forced), or comparison with the recognized text (text)",
  },
  offset: {
    value: { kind: "number", least: -60, most: 60, unit: "seconds" },
    default: 0,
    help: "seconds added to all timestamps",
  },
} as const satisfies OptionTable;

export const timeOptions = {
  timestamps: {
    value: { kind: "choice", values: ["none", "token", "word"] },
    default: "none",
    help: "timestamps of the labels (token), or of the characters and words of the text (word)",
  },
  align: {
    value: { kind: "options", options: alignOptions },
    help: "how the timestamps of `word` are found",
  },
} as const satisfies OptionTable;

/** Which part of a recording, and how a long one is split. */
export const recordingOptions = {
  start: {
    value: { kind: "number", least: 0, unit: "seconds" },
    default: 0,
    help: "start position in the recording",
  },
  duration: {
    value: { kind: "number", least: 0, above: true, unit: "seconds" },
    default: "to the end",
    help: "length of the part to transcribe",
  },
  chunk: {
    value: {
      kind: "options",
      or: "off",
      options: {
        seconds: {
          value: { kind: "number", least: 1, most: 600, unit: "seconds" },
          default: "the model file's, or 30",
          help: "longest segment that is recognized in one pass",
        },
        overlap: {
          value: { kind: "number", least: 0, most: 300, unit: "seconds" },
          default: "the model file's, or 2",
          help: "overlap of two segments where speech is cut; at most half of the segment length",
        },
        pause: {
          value: { kind: "number", least: 0.1, unit: "seconds" },
          default: "the model file's, or 0.8",
          help:
            "length of a pause that always ends a segment; if given here or in the model file, in recordings of any " +
            "length; not with the cut `fixed`",
        },
        cut: {
          value: { kind: "choice", values: ["quiet", "fixed", "ctc-blank", "vad"] },
          default: "quiet; vad with a VAD model",
          help:
            "where to split: at quiet positions, at fixed lengths, where the CTC branch finds no speech, or where " +
            "the VAD model finds none",
        },
      },
    },
    help: "how recordings are split that are longer than one segment or have pauses; off: recognize any length in one pass",
  },
  parallel: {
    value: { kind: "number", least: 1, most: 64, whole: true, or: "auto" },
    default: 1,
    help:
      "segments of a long recording that are recognized at once, with the same text: they share the language model's " +
      "steps; auto: up to 8, in half of the available memory; backends wasm and cpu",
  },
} as const satisfies OptionTable;

/** From samples to feature rows. */
export const featureOptions = {
  frontend: {
    value: { kind: "choice", values: ["kaldi", "htk", "sherpa"] },
    default: "kaldi",
    help: "filter bank: FunASR's (kaldi), Fun-ASR-GGUF's (htk) or sherpa-onnx's (sherpa)",
  },
  cmvn: {
    value: { kind: "choice", values: ["file", "off"] },
    default: "file",
    help: "normalize features by the mean and variance in the model (file), or not (off)",
  },
  lowFrameRate: {
    value: { kind: "boolean" },
    default: "by the model",
    help: "give the language model only the first eighth of the encoder's rows, as FunASR's use_low_frame_rate",
  },
} as const satisfies OptionTable;
