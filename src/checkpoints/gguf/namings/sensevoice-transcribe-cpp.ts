/**
 * transcribe.cpp's SenseVoice-Small: architecture `sensevoice` as ours and CrispASR's, keys under `stt.sensevoice`, long
 * names with modules renamed. It holds the CMVN vectors, and pieces with scores instead of a SentencePiece model.
 */
import { emotionQuery, eventQuery, languageKeys, styleQueries } from "../../../configs/sensevoice-queries.ts";
import { commonKeys, constant, readKeys } from "./keys.ts";
import type { KeyRow } from "./keys.ts";
import { sizeOf, weightAndBias } from "./naming.ts";
import type { GgufNaming } from "./naming.ts";
import { sttEncoder, sttEncoderKeys, sttFrameTimes, sttFrontendKeys } from "./transcribe-cpp.ts";

const encoder = "stt.sensevoice.encoder";
const frontend = "sensevoice.frontend";

/** Rows of the query table, as SenseVoice-Small has them and the recognizer uses them. */
const queries: Readonly<Record<string, number>> = {
  ...Object.fromEntries(languageKeys),
  event_speech: eventQuery,
  emotion_neutral: emotionQuery,
  ...styleQueries,
};

const keys: readonly KeyRow[] = [
  ...sttFrontendKeys(frontend),
  ...sttEncoderKeys(encoder, "sensevoice.encoder"),
  ["tokenizer.ggml.blank_token_id", "sensevoice.ctc.blank_id", 0],
  constant("tokenizer.ggml.model", "bpe"),
  ["tokenizer.ggml.tokens", "tokenizer.ggml.tokens"],
  constant("stt.frontend.normalize", "per_feature"),
  ...Object.entries(queries).map(([query, row]) => constant(`stt.sensevoice.special.${query}`, row)),
];

export const transcribeCppSenseVoice: GgufNaming = {
  name: "transcribe.cpp SenseVoice",
  architecture: "sensevoice",
  part: "model",
  has: ["enc.encoders0.0.norm_attn.weight", "enc.embed.weight", "ctc.head.weight"],
  keys,
  metadata: (file) =>
    new Map([
      ...commonKeys(file, "general."),
      ["general.architecture", "sensevoice"],
      ...readKeys(file, keys),
      ...sttFrameTimes(file, frontend),
      ["sensevoice.vocab_size", sizeOf(file, "ctc.head.weight")],
      ["tokenizer.ggml.model", "sentencepiece"],
    ]),
  names: (file) => [
    ["frontend.cmvn.shift", "cmvn.shift"],
    ["frontend.cmvn.scale", "cmvn.scale"],
    ["enc.embed.weight", "embed.weight"],
    ...sttEncoder(file, encoder, "encoder"),
    ...weightAndBias("ctc.head", "ctc.ctc_lo"),
  ],
};
