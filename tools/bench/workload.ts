/** The job that the project is judged by: 60 s of Mandarin, a prompt of 203 rows and 255 tokens, as a public log of Fun-ASR-GGUF has it. */
import type { TranscribeOptions } from "../../src/node.ts";

export const workload = {
  seconds: 60,
  promptRows: 203,
  tokens: 255,
  /** The part of the CTC branch's drafts that is right in that log's texts. */
  rightDrafts: 0.82,
} as const;

/** Greedy decoding in which random weights neither repeat themselves nor end the text. */
export const untilTheLimit: TranscribeOptions = { repetitionPenalty: 1.3 };
