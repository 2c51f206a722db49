/** The fields of a transcription in OpenAI's API. */
import type { TranscribeOptions } from "../../longform/options.ts";
import { refuse } from "../../options/parse.ts";
import { recordingOptions } from "../../options/table.ts";
import { accepts, wanted } from "../../options/rules.ts";
import { RequestError } from "../errors.ts";
import type { Fields } from "../fields.ts";
import { readRecognition } from "../recognition.ts";
import { replyFormats } from "./replies.ts";
import type { ReplyFormat } from "./replies.ts";

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
export function readTranscription(fields: Fields): TranscriptionRequest {
  if (fields.all("known_speaker_names", "known_speaker_references").length > 0)
    throw noSpeakers("known_speaker_names");
  if (fields.text("response_format") === "diarized_json") throw noSpeakers("response_format");
  const model = fields.text("model") ?? refuse("model", "", "the name of a model");
  const format = fields.choice("response_format", replyFormats) ?? "json";
  const isStream = fields.boolean("stream");
  if (isStream && format !== "json" && format !== "text")
    refuse("response_format", format, "json, where stream is true");
  const granularities = oneOf(fields, "timestamp_granularities", ["segment", "word"]);
  if (granularities.size > 0 && format !== "verbose_json")
    refuse("timestamp_granularities", [...granularities].join(","), "verbose_json as response_format");
  const logprobs = oneOf(fields, "include", ["logprobs"]).has("logprobs");
  if (logprobs && format !== "json") refuse("include", "logprobs", "json as response_format");
  const options = {
    ...readRecognition(fields),
    logprobs: logprobs || format === "verbose_json", // which has their means
    chunk: readChunking(fields),
  };
  return { model, format, isStream, granularities, logprobs, options, ignored: fields.ignored };
}

function oneOf<const Value extends string>(
  fields: Fields,
  name: string,
  known: readonly Value[],
): ReadonlySet<Value> {
  const given = fields
    .all(name)
    .map((text) => known.find((value) => value === text) ?? refuse(name, text, known.join(" or ")));
  return new Set(given);
}

/**
 * `auto`, or the object of a server's voice activity detection. Its pause is where recordings are cut; its threshold and its padding
 * belong to another detector.
 */
function readChunking(fields: Fields): TranscribeOptions["chunk"] {
  const name = "chunking_strategy";
  const given = fields.object(name);
  if (given === undefined || given === "auto") return undefined;
  if (typeof given === "string" || given["type"] !== "server_vad") {
    const text = typeof given === "string" ? given : JSON.stringify(given);
    return refuse(name, text, 'auto, or {"type":"server_vad"}');
  }
  const milliseconds = given["silence_duration_ms"];
  if (milliseconds === undefined) return undefined;
  const { value } = recordingOptions.chunk.value.options.pause;
  const pause = Number(milliseconds) / 1000;
  if (accepts(value, pause)) return { pause };
  return refuse(`${name}.silence_duration_ms`, JSON.stringify(milliseconds), `1000 times ${wanted(value)}`);
}

function noSpeakers(field: string): RequestError {
  return new RequestError("unsupported_task", field, "speakers are not told apart", {
    wanted: "a request without speakers",
  });
}
