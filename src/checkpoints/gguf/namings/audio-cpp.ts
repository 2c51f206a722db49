/**
 * audio.cpp's container (FunAudioLLM/Fun-ASR-Nano-2512-GGUF): architecture `audiocpp`, another project's tensors and files
 * within it, which `content` reads.
 */
import type { GgufNaming } from "./naming.ts";

export const audioCpp = (content: NonNullable<GgufNaming["content"]>): GgufNaming => ({
  name: "audio.cpp",
  architecture: "fun-asr-nano",
  part: "model",
  has: [],
  key: "audiocpp.tensor_names",
  keys: [],
  metadata: () => new Map(),
  names: () => [],
  content,
});
