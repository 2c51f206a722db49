/**
 * The offline clients of sherpa-onnx: each recording is a header of two integers, its rate and the bytes of its samples, and
 * these samples as float32, all of it cut into messages anywhere; `Done` ends.
 */
import type { Transcription } from "../../longform/result.ts";
import type { ServerContext } from "../context.ts";
import { RequestError } from "../errors.ts";
import { timesFor } from "../recognition.ts";
import type { Connection, Message } from "../websocket/connection.ts";
import { Recording } from "../websocket/recording.ts";
import { MAX_SAMPLE_RATE, MIN_SAMPLE_RATE } from "../../audio/limits.ts";

const HEADER_BYTES = 8;

interface Header {
  readonly sampleRate: number;
  /** Bytes of the samples. */
  readonly length: number;
}

/** The header at the start of a recording; undefined where the bytes are none: as float32, it would be no sound. */
export function headerOf(bytes: Uint8Array): Header | undefined {
  if (bytes.length < HEADER_BYTES) return undefined;
  const fields = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [sampleRate, length] = [fields.getInt32(0, true), fields.getInt32(4, true)];
  const isHeader =
    sampleRate >= MIN_SAMPLE_RATE && sampleRate <= MAX_SAMPLE_RATE && length > 0 && length % 4 === 0;
  return isHeader ? { sampleRate, length } : undefined;
}

/** Until `Done`. Throws `bad_message`, and as `ServerContext.transcribe`. */
export async function recognizeRecordings(
  context: ServerContext,
  connection: Connection,
  messages: AsyncIterable<Message>,
): Promise<void> {
  let bytes: Uint8Array = new Uint8Array(0);
  let open: { readonly recording: Recording; readonly length: number } | undefined;
  try {
    for await (const message of messages) {
      if (typeof message === "string") return;
      bytes = bytes.length === 0 ? message : Buffer.concat([bytes, message]);
      while (bytes.length > 0) {
        if (open === undefined) {
          if (bytes.length < HEADER_BYTES) break;
          open = await beginning(context, bytes);
          bytes = bytes.subarray(HEADER_BYTES);
        }
        const { recording, length }: NonNullable<typeof open> = open;
        const part = bytes.subarray(0, length - recording.bytes);
        bytes = bytes.subarray(part.length);
        await recording.append(part);
        if (recording.bytes < length) break;
        await connection.send(await recognized(context, recording, connection.signal));
        await recording[Symbol.asyncDispose]();
        open = undefined;
      }
    }
  } finally {
    await open?.recording[Symbol.asyncDispose]();
  }
}

async function beginning(
  context: ServerContext,
  bytes: Uint8Array,
): Promise<{ recording: Recording; length: number }> {
  const header = headerOf(bytes);
  if (header === undefined) {
    throw new RequestError("bad_message", "header", "bytes that are none", {
      wanted: "a sample rate and the bytes of the samples, as 32-bit integers",
    });
  }
  const { sampleRate, length } = header;
  const recording = await Recording.begin({ encoding: "float", bits: 32, sampleRate }, context.maxBodyBytes);
  return { recording, length };
}

async function recognized(
  context: ServerContext,
  recording: Recording,
  signal: AbortSignal,
): Promise<object> {
  const { transcription } = await context.transcribe(recording, context.models.mainId, signal, (model) => ({
    timestamps: timesFor(model, true, false),
  }));
  return resultOf(transcription);
}

function resultOf({ text, words = [], segments }: Transcription): object {
  const {
    language = "",
    emotion = "",
    event = "",
  } = segments.find(({ tags }) => tags !== undefined)?.tags ?? {};
  return {
    lang: language,
    emotion,
    event,
    text,
    timestamps: words.map(({ start }) => start),
    durations: words.map(({ start, end }) => Math.round((end - start) * 1000) / 1000),
    tokens: words.map((word) => word.text),
    ys_log_probs: [],
    words: [],
  };
}
