/** The flags of `listen`. */
import { MAX_SAMPLE_RATE, MIN_SAMPLE_RATE } from "../../audio/limits.ts";
import { listen, load } from "../../options/methods.ts";
import type { FlagTable } from "./flag.ts";
import { outputFlags } from "./outputs.ts";
import * as shared from "./shared.ts";
import { decodingFlags, hotwordFlags, promptFlags } from "./transcribe.ts";

const { seconds, pause, cut } = listen.chunk.value.options;

const inputFlags = {
  mic: {
    group: "Input",
    placeholder: "program",
    value: { kind: "choice", values: ["auto", "list", "pw-record", "parec", "arecord", "sox", "ffmpeg"] },
    default: "auto, the first one that works",
    help: "program that records from the microphone; list: show which are installed",
  },
  micCommand: {
    group: "Input",
    placeholder: "command",
    value: { kind: "text" },
    conflicts: "mic",
    help: "command of the shell that writes the sound: raw 16-bit little-endian mono samples, at the rate of --pcm",
  },
  pcm: {
    group: "Input",
    placeholder: "rate",
    value: { kind: "number", least: MIN_SAMPLE_RATE, most: MAX_SAMPLE_RATE, whole: true, unit: "Hz" },
    default: 16_000,
    help: "sample rate of standard input or of --mic-command",
  },
} as const satisfies FlagTable;

const utteranceFlags = {
  tick: { ...listen.tick, group: "Utterances", placeholder: "seconds", option: "tick" },
  final: { ...listen.final, group: "Utterances", placeholder: "text", option: "final" },
  chunkSeconds: { ...seconds, group: "Utterances", placeholder: "seconds", option: "chunk.seconds" },
  chunkPause: { ...pause, group: "Utterances", placeholder: "seconds", option: "chunk.pause" },
  chunkCut: { ...cut, group: "Utterances", placeholder: "where", option: "chunk.cut" },
  vad: {
    ...load.vad,
    value: { kind: "text" },
    group: "Utterances",
    placeholder: "file",
    help: "FSMN-VAD model that finds speech: GGUF, or the published folder, model.pt or model.onnx",
  },
} as const satisfies FlagTable;

const resultFlags = {
  ...shared.timeFlags,
  jsonLines: {
    value: { kind: "boolean" },
    group: "Output",
    help: "print each event as a line of JSON on a terminal, too",
  },
  ...shared.quietFlag,
} as const satisfies FlagTable;

/** The flags that become options of the library's `listen`. */
export const liveFlags = {
  ...promptFlags,
  ...hotwordFlags,
  ...decodingFlags,
  ...utteranceFlags,
  ...shared.featureFlags,
  ...resultFlags,
} as const satisfies FlagTable;

export const listenFlags = {
  ...inputFlags,
  ...shared.modelFlags,
  ...liveFlags,
  ...shared.punctuationFlags,
  ...outputFlags,
  ...shared.backendFlags,
} as const satisfies FlagTable;
