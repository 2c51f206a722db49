/**
 * SenseVoice-Small: four query rows in front of the features select language, emotion, event and style; one encoder
 * and a linear head compute the labels of these and of the text, for CTC. FunASR's SenseVoiceSmall; An et al., "FunAudioLLM",
 * arXiv:2407.04051, section 3.
 */
import { emotionQuery, eventQuery, languageQueries, styleQueries } from "../../configs/sensevoice-queries.ts";
import type { SenseVoiceConfig } from "../../configs/sensevoice.ts";
import { block, concatRows, embedding, returns, tidy, wideLinear } from "../../nn/index.ts";
import type { Tensor, Weights, WideLinear } from "../../nn/index.ts";
import { ctcStages } from "../ctc-stages.ts";
import type { CtcStages } from "../ctc-stages.ts";
import type { Lens } from "../logit-lens.ts";
import type { Encode } from "../sanm-encoder.ts";
import { senseVoiceEncoder } from "../sensevoice-encoder.ts";

/** Rows of the table of queries: seven, a language each, two styles. */
const queryRows = 16;

/** Rows that the queries put in front of the features. */
export const queryCount = 4;

export type SenseVoiceLanguage = keyof typeof languageQueries;
export const senseVoiceLanguages = Object.keys(languageQueries) as readonly SenseVoiceLanguage[];

interface SenseVoiceQuery {
  /** The language that is spoken, or `auto`. */
  readonly language: SenseVoiceLanguage;
  /** Written form: digits, punctuation, capitals. */
  readonly itn: boolean;
}

export interface SenseVoice {
  readonly config: SenseVoiceConfig;
  /** The query rows, then the features. */
  prependQuery(query: SenseVoiceQuery, features: Tensor): Tensor; // [T, 560] → [4 + T, 560]
  readonly encode: Encode; // [4 + T, 560] → [4 + T, D]
  /** CTC logits of any rows of the encoder. */
  readonly head: WideLinear; // [rows, D] → [rows, V], or those of some labels
  readonly ctcStages: CtcStages;
  /** Logits that the head computes from each encoder layer. */
  readonly lens: Lens;
}

const prependQuery = block((w, size: number, queries: (ids: readonly number[]) => Tensor) => {
  returns(w, size);
  return ({ language, itn }: SenseVoiceQuery, features: Tensor) => {
    const style = itn ? styleQueries.withitn : styleQueries.woitn;
    return concatRows(queries([languageQueries[language], eventQuery, emotionQuery, style]), features);
  };
});

export function senseVoice(cursor: Weights, config: SenseVoiceConfig): SenseVoice {
  const { encoder, vocabSize } = config;
  const w = cursor.withRows(`T+${queryCount}`);
  // Constants of the front end, which reads them itself.
  w.unused("cmvn.shift");
  w.unused("cmvn.scale");
  const prepended = prependQuery(
    w.at("encoder.input"),
    encoder.inputSize,
    embedding(w, "embed", queryRows, encoder.inputSize),
  );
  const { encode, layers, finish } = senseVoiceEncoder(w.at("encoder"), encoder);
  const head = wideLinear(w.at("ctc"), "ctc_lo", encoder.size, vocabSize);
  return {
    config,
    prependQuery: prepended,
    encode,
    head,
    ctcStages: ctcStages(w.at("ctc"), vocabSize),
    lens: { layers, read: (hidden, layer) => tidy(() => head(finish(hidden, layer))) },
  };
}
