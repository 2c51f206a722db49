/** The whole public API. */
export { load } from "./transcriber/load.ts";
export { Engine } from "./engine/engine.ts";
export type { EngineOptions } from "./engine/engine.ts";
export type { LoadOptions, ModelSource } from "./transcriber/load.ts";
export { Transcriber } from "./transcriber/transcriber.ts";
export type {
  AlignedText,
  AlignOptions,
  CtcDraft,
  CtcOptions,
  ModelInfo,
  Run,
  RunOptions,
  StreamOptions,
  TranscribeInput,
  TranscribeOptions,
  Transcription,
} from "./transcriber/transcriber.ts";
export type { PartialResult } from "./longform/events.ts";
export { Hotwords } from "./text/hotwords/hotwords.ts";
export type { CorrectedText, HotwordHit, HotwordOptions } from "./text/hotwords/hotwords.ts";
export type { OfferedHotword } from "./recognizers/hotwords.ts";
export type { Attempt, FallbackOptions } from "./decoding/generate.ts";
export { createAsrEngine } from "./compat/asr-engine.ts";
export type {
  AsrEngine,
  AsrEngineConfig,
  EngineResult,
  EngineTranscribeOptions,
} from "./compat/asr-engine.ts";
export type { StreamResult, WaveStream } from "./compat/sherpa.ts";
export { loadInWorker } from "./worker/client.ts";
export type { WorkerTranscriber } from "./worker/client.ts";
export { detectSpeech } from "./vad/detect-speech.ts";
export type { DetectOptions, SpeechSpan } from "./vad/detect-speech.ts";
export type { ChunkOptions } from "./longform/plan.ts";
export type { Join, Segment } from "./longform/segment.ts";
export type { Progress, TimedText } from "./recognizers/recognizer.ts";
export type { TimedUnit, TimeSource } from "./text/timestamps/timed.ts";
export { backendNames } from "./nn/backend.ts";
export type { BackendName } from "./nn/backend.ts";
export type { StageInfo, Hook } from "./nn/hook-point.ts";
export type { Ablation, Patch, Scaling } from "./activations/interventions.ts";
export type { LensLabel, LensLayer, LensOptions } from "./recognizers/logit-lens.ts";
export { diff } from "./diff/diff.ts";
export type { DiffOptions, DiffReport } from "./diff/diff.ts";
export { createArchive, openArchive } from "./diff/archives/index.ts";
export type { Activation } from "./activations/recorder.ts";
export { compare } from "./diff/compare.ts";
export type { Comparison } from "./diff/compare.ts";
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
export type { Warning, WarningCode } from "./warnings.ts";
export { version } from "./version.ts";
