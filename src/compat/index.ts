/** The APIs of other projects on this one: Fun-ASR-GGUF's engine and sherpa-onnx's streams. */
import "../node.ts";

export { AsrEngine, createAsrEngine } from "./asr-engine.ts";
export type { AsrEngineConfig, EngineResult, EngineTranscribeOptions } from "./asr-engine.ts";
export { createStream, decodeStream, WaveStream } from "./sherpa.ts";
export type { StreamModel, StreamResult } from "./sherpa.ts";
