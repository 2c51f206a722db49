/** All dialects that we read. */
import { crispAsrNano } from "./crispasr.ts";
import type { Dialect } from "./dialect.ts";
import { officialAudio } from "./official.ts";
import { ownFunAsrNano, ownParaformer, ownSenseVoice } from "./ours.ts";
import { qwen3 } from "./qwen3.ts";

export const dialects: readonly Dialect[] = [
  ownFunAsrNano,
  ownParaformer,
  ownSenseVoice,
  officialAudio,
  qwen3,
  crispAsrNano,
];
