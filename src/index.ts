/** The public API: models, audio to text, hotwords, voice activity, errors. At most 40 names. */
export { load } from "./transcriber/load.ts";
export { Engine } from "./engine/engine.ts";
export type { EngineOptions } from "./engine/options.ts";
export { Transcriber } from "./transcriber/transcriber.ts";
export { models, pull } from "./pull/index.ts";
export { loadInWorker } from "./worker/client.ts";
export type { WorkerTranscriber } from "./worker/client.ts";
export type {
  AlignedText,
  AlignOptions,
  LoadOptions,
  ModelInfo,
  ModelSource,
  TranscribeInput,
} from "./transcriber/types.ts";
export type { ChunkOptions, StreamOptions, TranscribeOptions } from "./longform/options.ts";
export type { PartialResult, Segment, Transcription } from "./longform/result.ts";
export type { Progress } from "./recognizers/options.ts";
export type { TimedToken } from "./recognizers/result.ts";
export type { TimedUnit } from "./text/timestamps/timed.ts";
export { Hotwords } from "./text/hotwords/hotwords.ts";
export type { HotwordOptions } from "./text/hotwords/hotwords.ts";
export { detectSpeech } from "./vad/detect-speech.ts";
export type { DetectOptions, SpeechSpan } from "./vad/detect-speech.ts";
export type { BackendName } from "./nn/backend.ts";
export {
  AudioError,
  CtcUnavailableError,
  FileError,
  FunAsrError,
  ModelFormatError,
  RuntimeError,
  TensorsError,
  UsageError,
} from "./errors.ts";
export type { ErrorCode } from "./errors.ts";
export type { Warning } from "./warnings.ts";
export { version } from "./version.ts";
