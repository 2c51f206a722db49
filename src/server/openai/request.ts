/** What a form asks for in OpenAI's API. */
import type { TranscribeOptions } from "../../longform/options.ts";
import { refuse } from "../../options/parse.ts";
import { accepts, wanted } from "../../options/rules.ts";
import { RequestError } from "../errors.ts";
import { Fields } from "../fields.ts";
import { readRecognition } from "../recognition.ts";
import type { Form } from "../upload.ts";
import { transcriptionFields } from "./fields.ts";
import type { ReplyFormat } from "./fields.ts";

export interface TranscriptionRequest {
  readonly model: string;
  readonly format: ReplyFormat;
  readonly isStream: boolean;
  readonly granularities: ReadonlySet<"segment" | "word">;
  readonly logprobs: boolean;
  /** Those that do not depend on the model. */
  readonly options: TranscribeOptions;
  /** Names of fields that have no effect. */
  readonly ignored: readonly string[];
}

/** Throws `bad_option`, and `unsupported_task` for what needs to know who speaks. */
export function readTranscription(values: Form["fields"]): TranscriptionRequest {
  const fields = new Fields(transcriptionFields, values);
  if (fields.has("known_speaker_names") || fields.has("known_speaker_references"))
    throw noSpeakers("known_speaker_names");
  if (fields.all("response_format").at(-1) === "diarized_json") throw noSpeakers("response_format");
  const model = fields.value("model") ?? refuse("model", "", "the name of a model");
  const format = fields.value("response_format") ?? "json";
  const isStream = fields.value("stream") ?? false;
  if (isStream && format !== "json" && format !== "text")
    refuse("response_format", format, "json, where stream is true");
  const granularities = new Set(fields.values("timestamp_granularities"));
  if (granularities.size > 0 && format !== "verbose_json")
    refuse("timestamp_granularities", [...granularities].join(","), "verbose_json as response_format");
  const logprobs = fields.values("include").includes("logprobs");
  if (logprobs && format !== "json") refuse("include", "logprobs", "json as response_format");
  const options = {
    ...readRecognition(fields),
    logprobs: logprobs || format === "verbose_json", // which has their means
    chunk: readChunking(fields),
  };
  return { model, format, isStream, granularities, logprobs, options, ignored: fields.ignored };
}

/**
 * `auto`, or the object of a server's voice activity detection. Its pause is where recordings are cut; its threshold and its padding
 * belong to another detector.
 */
function readChunking(fields: Fields<typeof transcriptionFields>): TranscribeOptions["chunk"] {
  const name = "chunking_strategy";
  const given = fields.object(name);
  if (given === undefined || given === "auto") return undefined;
  if (typeof given === "string" || given["type"] !== "server_vad") {
    const text = typeof given === "string" ? given : JSON.stringify(given);
    return refuse(name, text, 'auto, or {"type":"server_vad"}');
  }
  const milliseconds = given["silence_duration_ms"];
  if (milliseconds === undefined) return undefined;
  const rule = transcriptionFields[name].value.options.silence_duration_ms.value;
  if (accepts(rule, Number(milliseconds))) return { pause: Number(milliseconds) / 1000 };
  return refuse(`${name}.silence_duration_ms`, JSON.stringify(milliseconds), wanted(rule));
}

function noSpeakers(field: string): RequestError {
  return new RequestError("unsupported_task", field, "speakers are not told apart", {
    wanted: "a request without speakers",
  });
}
