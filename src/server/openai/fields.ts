/** The fields of a transcription in OpenAI's API, and the forms of its reply. */
import { recordingOptions } from "../../options/table.ts";
import type { FieldTable } from "../fields.ts";
import { recognitionFields } from "../recognition.ts";

const JSON_TYPE = "application/json; charset=utf-8";
const PLAIN = "text/plain; charset=utf-8";

/** The media types of replies. */
export const replyTypes = {
  json: JSON_TYPE,
  verbose_json: JSON_TYPE,
  text: PLAIN,
  srt: "application/x-subrip; charset=utf-8",
  vtt: "text/vtt; charset=utf-8",
  lrc: PLAIN,
  tsv: "text/tab-separated-values; charset=utf-8",
  csv: "text/csv; charset=utf-8",
  textgrid: PLAIN,
  ctm: PLAIN,
  rttm: PLAIN,
} as const;
export type ReplyFormat = keyof typeof replyTypes;

const { pause } = recordingOptions.chunk.value.options;

export const transcriptionFields = {
  model: {
    value: { kind: "text" },
    required: true,
    help: "a name of /v1/models; OpenAI's names are the model of the start",
  },
  ...recognitionFields,
  response_format: {
    value: { kind: "choice", values: Object.keys(replyTypes) as readonly ReplyFormat[] },
    default: "json",
    help: "form of the reply",
  },
  timestamp_granularities: {
    value: { kind: "choice", values: ["segment", "word"] },
    several: true,
    default: "segment",
    help: "what has times in the reply, with `verbose_json`",
  },
  include: {
    value: { kind: "choice", values: ["logprobs"] },
    several: true,
    help: "the probability of each token, with `json`",
  },
  stream: {
    value: { kind: "boolean" },
    default: false,
    help: "the text of each segment as soon as it is final, as server-sent events; with `json` and `text`",
  },
  chunking_strategy: {
    value: {
      kind: "options",
      or: "auto",
      options: {
        type: { value: { kind: "choice", values: ["server_vad"] }, help: "how the recording is cut" },
        silence_duration_ms: {
          value: { kind: "number", least: 1000 * pause.value.least, unit: "milliseconds" },
          help: "length of a pause that ends a segment",
        },
        prefix_padding_ms: { value: { kind: "number" }, help: "without effect" },
        threshold: { value: { kind: "number" }, help: "without effect" },
      },
    },
    default: "auto",
    help: "how a recording is cut into segments",
  },
} as const satisfies FieldTable;
