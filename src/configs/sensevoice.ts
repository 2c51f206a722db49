/** Hyperparameters of SenseVoice. */
import type { SenseVoiceEncoderConfig } from "./encoders.ts";
import { readSenseVoiceEncoder } from "./encoders.ts";
import type { Settings } from "./settings.ts";

export interface SenseVoiceConfig {
  readonly encoder: SenseVoiceEncoderConfig;
  readonly vocabSize: number;
  readonly blankId: number;
}

export function readSenseVoice(s: Settings): SenseVoiceConfig {
  const vocabSize = s.integer("vocab_size", 2, 1_000_000);
  return Object.freeze({
    encoder: readSenseVoiceEncoder(s.at("encoder")),
    vocabSize,
    blankId: s.integer("ctc.blank_id", 0, vocabSize - 1),
  });
}
