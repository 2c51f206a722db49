/** The options of each method of the library, put together from the tables. */
import type { OptionTable } from "./rules.ts";
import {
  alignOptions,
  decodingOptions,
  featureOptions,
  hotwordOptions,
  promptOptions,
  recordingOptions,
  timeOptions,
} from "./table.ts";

/** Callbacks, and the end of the work. */
export const eventOptions = {
  signal: {
    value: { kind: "other", type: "an AbortSignal", methods: ["throwIfAborted", "addEventListener"] },
    help: "stops the work within a layer or a token; the call rejects with the signal's reason",
  },
  onProgress: { value: { kind: "function" }, help: "called with the progress of each step" },
  onDraft: { value: { kind: "function" }, help: "called with the CTC text before the language model starts" },
  onToken: {
    value: { kind: "function" },
    help: "called with each piece of generated text, and the number of the attempt",
  },
  onPartial: {
    value: { kind: "function" },
    help: "called with the text of a segment so far, before it is final",
  },
  onSegment: { value: { kind: "function" }, help: "called with each final segment" },
  windows: {
    value: { kind: "other", type: "a store of recognized windows, such as a Map", methods: ["get", "set"] },
    help: "keeps each recognized window; a further call with the same store, model and options goes on behind them",
  },
  hook: {
    value: { kind: "other", type: "a Hook", methods: ["wants", "onTensor"] },
    help: "receives every activation of the forward pass, and may replace it",
  },
} as const satisfies OptionTable;

const { language, itn } = promptOptions;
const { signal, onProgress, hook } = eventOptions;
const { frontend, cmvn } = featureOptions;
const features = { frontend, cmvn };

export const transcribe = {
  ...promptOptions,
  ...hotwordOptions,
  ...decodingOptions,
  ...timeOptions,
  ...recordingOptions,
  ...featureOptions,
  ...eventOptions,
} as const satisfies OptionTable;

const { seconds, pause } = recordingOptions.chunk.value.options;

export const listen = {
  ...promptOptions,
  ...hotwordOptions,
  ...decodingOptions,
  ...timeOptions,
  ...featureOptions,
  tick: {
    value: { kind: "number", least: 0.1, most: 10, unit: "seconds" },
    default: 0.32,
    help: "seconds of audio between two partial texts of an utterance",
  },
  final: {
    value: { kind: "choice", values: ["model", "draft"] },
    default: "model",
    help: "final text: the model's for the whole utterance, or that of the partials to its end, sooner and without times",
  },
  chunk: {
    value: {
      kind: "options",
      options: {
        seconds: { ...seconds, help: "longest utterance" },
        pause: { ...pause, help: "length of a pause that ends an utterance" },
        cut: {
          value: { kind: "choice", values: ["quiet", "vad"] },
          default: "quiet; vad with a VAD model",
          help: "what finds speech: its level (quiet), or the VAD model (vad)",
        },
      },
    },
    help: "where utterances end",
  },
  signal,
} as const satisfies OptionTable;

export const align = {
  ...alignOptions,
  language,
  ...features,
  signal,
  onProgress,
} as const satisfies OptionTable;

export const ctc = {
  topK: {
    value: { kind: "number", least: 1, whole: true },
    default: 1,
    help: "number of labels per frame",
  },
  language,
  itn,
  ...features,
  signal,
  onProgress,
  hook,
} as const satisfies OptionTable;

/** What `run` takes in addition to the options of `transcribe`. */
export const run = {
  capture: {
    value: { kind: "texts" },
    default: "none",
    help: "names of the activations to keep; * matches any text",
  },
  steps: {
    value: { kind: "boolean" },
    default: false,
    help: "also capture the activations of each generated token, as NAME@TOKEN",
  },
  sink: {
    value: { kind: "function" },
    help: "receives the captured activations one by one, instead of the result",
  },
  patch: {
    value: { kind: "other", type: "an array of patches", objects: true },
    help: "replace activations with given values",
  },
  ablate: {
    value: { kind: "other", type: "an array of ablations", objects: true },
    help: "set activations to zero or their mean, or skip a block",
  },
  scale: {
    value: { kind: "other", type: "an array of scalings", objects: true },
    help: "multiply activations by a factor",
  },
  stopAfter: { value: { kind: "text" }, help: "name of the activation after which the pass ends" },
} as const satisfies OptionTable;

export const load = {
  engine: {
    value: { kind: "other", type: "an Engine", methods: ["run", "placement"] },
    default: "shared by all models with the same backend, threads and tensorflow",
    help: "engine that computes; the three options below then belong to the engine",
  },
  backend: {
    value: { kind: "choice", values: ["wasm", "tensorflow", "cpu", "hybrid", "auto"] },
    default: "wasm, or the environment variable FUN_ASR_BACKEND",
    help: "compute backend; hybrid: encoder on tensorflow, language model on wasm; auto: the fastest by a short benchmark",
  },
  threads: {
    value: { kind: "number", least: 1, most: 1024, whole: true },
    default: "all cores",
    help: "number of compute threads",
  },
  tensorflow: {
    value: {
      kind: "options",
      options: {
        threads: {
          value: { kind: "number", least: 1, most: 1024, whole: true },
          default: "all cores",
          help: "number of TensorFlow's threads",
        },
        arithmetic: {
          value: { kind: "choice", values: ["float32", "half", "bfloat16"] },
          default: "float32",
          help: "number type of the operands of matrix products",
        },
        decoding: {
          value: { kind: "choice", values: ["eager", "graph", "xla"] },
          default: "xla on a GPU, else eager",
          help: "generate tokens one by one (eager), or many per call with a graph (graph), also compiled (xla)",
        },
        expanded: {
          value: { kind: "boolean" },
          default: false,
          help: "decode 8-bit weights to 32-bit numbers once, when the model is loaded",
        },
      },
    },
    help: "settings of the backend tensorflow",
  },
  amMvn: {
    value: { kind: "other", type: "a path, URL or bytes of an am.mvn file" },
    help: "the model's am.mvn, for a Paraformer or SenseVoice file without CMVN",
  },
  vad: {
    value: { kind: "other", type: "a name, path, URL or bytes of a model" },
    help: "FSMN-VAD model that splits long recordings: GGUF, or the published folder, model.pt or model.onnx",
  },
  punctuation: {
    value: { kind: "other", type: "a name, path, URL or bytes of a model" },
    help: "CT-Transformer that puts punctuation marks in the text of a model that writes none: GGUF, or the published folder, model.pt or model.onnx",
  },
  signal,
  onProgress,
} as const satisfies OptionTable;
