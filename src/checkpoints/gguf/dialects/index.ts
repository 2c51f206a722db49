/** All dialects that we read. */
import type { Dialect } from "./dialect.ts";
import { officialFsmnVad } from "./fsmn-vad.ts";
import { crispAsrNano } from "./nano-crispasr.ts";
import { mmprojNanoEncoder } from "./nano-mmproj.ts";
import { officialNanoEncoder } from "./nano-official.ts";
import { transcribeCppNano } from "./nano-transcribe-cpp.ts";
import { ownFunAsrNano, ownParaformer, ownSenseVoice } from "./ours.ts";
import { crispAsrParaformer } from "./paraformer-crispasr.ts";
import { officialParaformer } from "./paraformer-official.ts";
import { qwen3 } from "./qwen3.ts";
import { crispAsrSenseVoice } from "./sensevoice-crispasr.ts";
import { officialSenseVoice } from "./sensevoice-official.ts";

export const dialects: readonly Dialect[] = [
  ownFunAsrNano,
  officialNanoEncoder,
  qwen3,
  mmprojNanoEncoder,
  crispAsrNano,
  transcribeCppNano,
  ownParaformer,
  officialParaformer,
  crispAsrParaformer,
  ownSenseVoice,
  officialSenseVoice,
  crispAsrSenseVoice,
  officialFsmnVad,
];
