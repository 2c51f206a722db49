/** All namings of GGUF files that we read. */
import type { GgufNaming } from "./naming.ts";
import { officialFsmnVad } from "./fsmn-vad.ts";
import { crispAsrNano } from "./nano-crispasr.ts";
import { mmprojNanoEncoder } from "./nano-mmproj.ts";
import { officialNanoEncoder } from "./nano-official.ts";
import { transcribeCppNano } from "./nano-transcribe-cpp.ts";
import { ownNaming } from "./own.ts";
import { crispAsrParaformer } from "./paraformer-crispasr.ts";
import { officialParaformer } from "./paraformer-official.ts";
import { qwen3 } from "./qwen3.ts";
import { crispAsrSenseVoice } from "./sensevoice-crispasr.ts";
import { officialSenseVoice } from "./sensevoice-official.ts";

export const namings: readonly GgufNaming[] = [
  ownNaming("fun-asr-nano", {
    has: ["audio_encoder.encoders0.0.norm1.weight", "llm.model.embed_tokens.weight"],
  }),
  officialNanoEncoder,
  qwen3,
  mmprojNanoEncoder,
  crispAsrNano,
  transcribeCppNano,
  ownNaming("paraformer", {
    has: ["encoder.encoders0.0.norm1.weight", "predictor.cif_output.weight"],
    key: "paraformer.encoder.num_blocks",
  }),
  officialParaformer,
  crispAsrParaformer,
  ownNaming("sensevoice", {
    has: ["encoder.encoders0.0.norm1.weight", "encoder.tp_norm.weight"],
    key: "sensevoice.encoder.num_blocks",
  }),
  officialSenseVoice,
  crispAsrSenseVoice,
  officialFsmnVad,
];
