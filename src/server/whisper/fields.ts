/** The fields of a form to whisper.cpp's server. */
import type { FieldTable } from "../fields.ts";
import { recognitionFields } from "../recognition.ts";

const formats = ["json", "text", "srt", "verbose_json", "vtt"] as const;
export type InferenceFormat = (typeof formats)[number];

export const inferenceFields = {
  ...recognitionFields,
  response_format: { value: { kind: "choice", values: formats }, default: "json", help: "form of the reply" },
  offset_t: {
    value: { kind: "number", least: 0, unit: "milliseconds" },
    default: 0,
    help: "start position in the recording",
  },
  duration: {
    value: { kind: "number", least: 0, unit: "milliseconds" },
    default: 0,
    help: "length of the part to transcribe; 0: to the end",
  },
  max_len: {
    value: { kind: "number", least: 0, most: 10_000, whole: true },
    default: 0,
    help: "most characters of a subtitle; 0: no limit",
  },
  no_timestamps: { value: { kind: "boolean" }, default: false, help: "segments without times" },
  translate: { value: { kind: "boolean" }, default: false, help: "refused where it is true" },
} as const satisfies FieldTable;
