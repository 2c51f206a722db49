/** Hyperparameters of CT-Transformer punctuation. */
import type { SanmEncoderConfig } from "./encoders.ts";
import { readSanmEncoder } from "./encoders.ts";
import type { Settings } from "./settings.ts";

export interface CtPuncConfig {
  /** Its features are the vectors of words. */
  readonly encoder: SanmEncoderConfig;
  /** Words, the unknown one included. */
  readonly vocabSize: number;
  /** The text of each class: what stands behind a word, `_` for nothing. */
  readonly marks: readonly string[];
  /** The class of a mark that ends a sentence. */
  readonly sentenceEnd: number;
  /** Whether words see later ones in the last layer only: for text that arrives in segments. */
  readonly realtime: boolean;
}

export function readCtPunc(s: Settings): CtPuncConfig {
  const marks = s.texts("marks", 2, 64);
  return Object.freeze({
    encoder: readEncoder(s.at("encoder")),
    vocabSize: s.integer("vocab_size", 1, 2_000_000),
    marks,
    sentenceEnd: s.integer("sentence_end_id", 0, marks.length - 1),
    realtime: s.flag("realtime"),
  });
}

function readEncoder(s: Settings): SanmEncoderConfig {
  const encoder = { ...readSanmEncoder(s, 1e-12), sanmShift: s.integer("sanm_shift", 0, 127) };
  const { kernelSize, sanmShift } = encoder;
  s.require(sanmShift <= (kernelSize - 1) / 2, "sanm_shift", `${sanmShift}`, "at most half of the kernel");
  return Object.freeze(encoder);
}
