/**
 * Any audio that a caller may have, as 16 kHz mono float32: the first bytes pick the decoder, and the caller's limits
 * hold while it decodes. WAV, FLAC, MP3 and Ogg Vorbis are decoded here; other known containers by ffmpeg, if there is
 * one; anything else is `not_audio`.
 */
import { open, stat } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { AudioError, FunAsrError, UsageError } from "../errors.ts";
import type { Decoder, Ending, Piece } from "./decoder.ts";
import { decodeWithFfmpeg, missing } from "../adapters/node/ffmpeg.ts";
import { gather, resampled } from "./gather.ts";
import type { Audio, DecodeLimits, Summary } from "./gather.ts";
import { pipeSource } from "./pipe.ts";
import { asRaw, decodeRaw } from "./raw.ts";
import type { RawAudio } from "./raw.ts";
import { sniff } from "./sniff.ts";
import type { NativeFormat } from "./sniff.ts";
import { memorySource } from "./source.ts";
import type { ByteSource } from "./source.ts";
import { decodeWav, openWav } from "./wav.ts";
import type { WavReader } from "./wav.ts";

/**
 * A path, a `file:` URL, the bytes of a file at once or as they come, or samples: bare arrays are mono at 16 kHz.
 * A stream is read forward and needs no memory of its size.
 */
export type AudioInput = AudioFile | AsyncIterable<Uint8Array> | Float32Array | Int16Array | RawAudio;

type AudioFile = string | URL | Uint8Array | ArrayBuffer;

export interface AudioOptions extends DecodeLimits {
  /** The ffmpeg to use for other formats: `true` (the default) is the one on the path, `false` is none. */
  readonly ffmpeg?: boolean | string | undefined;
}

/** Decodes all of it. Throws `AudioError`, or `UsageError` for options and inputs that cannot be. */
export async function loadAudio(input: AudioInput, options: AudioOptions = {}): Promise<Audio> {
  check(options);
  if (isSamples(input)) return gather("samples", decodeRaw(asRaw(input)), options);
  await using opened = await openSource(input);
  return await gather(opened.source.name, decode(opened, options), options);
}

/**
 * The same samples as they are decoded, in memory that does not grow with the length. No length is too long unless
 * `maxSeconds` or `maxDecodedBytes` is given; `strict` can only complain at the end.
 */
export async function* streamAudio(
  input: AudioInput,
  options: AudioOptions = {},
): AsyncGenerator<Float32Array, Summary> {
  check(options);
  const limits = { maxSeconds: Infinity, maxDecodedBytes: Infinity, ...options };
  if (isSamples(input)) return yield* resampled("samples", decodeRaw(asRaw(input)), limits);
  await using opened = await openSource(input);
  return yield* resampled(opened.source.name, decode(opened, options), limits);
}

/** A WAV file by range, at its own rate. Other containers have no ranges: `unsupported_encoding`. */
export async function openAudio(
  input: AudioFile,
  options: { readonly strict?: boolean } = {},
): Promise<WavReader & AsyncDisposable> {
  const opened = await openSource(input);
  try {
    const { source } = opened;
    const format = await identify(source);
    if (!("native" in format && format.native === "wav")) {
      throw new AudioError("unsupported_encoding", source.name, "only WAV files can be read by range", {
        wanted: "WAV",
        remedy: "Convert the file to WAV, or stream it from its start",
      });
    }
    const reader = await openWav(source);
    if (reader.truncated && options.strict === true) {
      throw new AudioError("audio_truncated", source.name, reader.warnings.join("; "), {
        wanted: "a complete file",
      });
    }
    return { ...reader, [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose]() };
  } catch (error) {
    await opened[Symbol.asyncDispose]();
    throw error;
  }
}

const decoders: Readonly<Record<NativeFormat, () => Promise<Decoder>>> = {
  wav: async () => decodeWav,
  flac: async () => (await import("./flac.ts")).decodeFlac,
  mp3: async () => (await import("./mp3.ts")).decodeMp3,
  vorbis: async () => (await import("./vorbis.ts")).decodeVorbis,
};

/** With the decoder for it, or with ffmpeg where that decoder does not know the encoding. */
async function* decode(
  { source, path }: Opened,
  { ffmpeg = true }: AudioOptions,
): AsyncGenerator<Piece, Ending> {
  const format = await identify(source);
  let unsupported: { readonly name: string; readonly error: FunAsrError | undefined };
  if ("native" in format) {
    const decoder = await decoders[format.native]();
    const pieces = decoder(format.offset === 0 ? source : behind(source, format.offset));
    try {
      const first = await pieces.next();
      if (first.done === true) return first.value;
      yield first.value;
      return yield* pieces;
    } catch (error) {
      if (!(error instanceof FunAsrError && error.code === "unsupported_encoding")) throw error;
      unsupported = { name: format.native.toUpperCase(), error };
    }
  } else unsupported = { name: format.foreign, error: undefined };

  const { name, error } = unsupported;
  if (ffmpeg === false) throw error ?? missing(source.name, name);
  const program = ffmpeg === true ? "ffmpeg" : ffmpeg;
  return yield* decodeWithFfmpeg(source, name, program, path);
}

async function identify(source: ByteSource): Promise<NonNullable<Awaited<ReturnType<typeof sniff>>>> {
  const format = await sniff(source);
  if (source.size === 0) {
    throw new AudioError("audio_empty", source.name, "0 bytes", { wanted: "an audio file" });
  }
  if (format === undefined) {
    throw new AudioError("not_audio", source.name, "the first bytes are no known audio format's", {
      wanted: "WAV, FLAC, MP3 or Ogg Vorbis, or what ffmpeg decodes: M4A, Opus, WebM, …",
    });
  }
  return format;
}

/** The source without its first `offset` bytes. */
function behind(source: ByteSource, offset: number): ByteSource {
  return {
    name: source.name,
    get size() {
      return Math.max(0, source.size - offset);
    },
    read: (at, length) => source.read(offset + at, length),
  };
}

interface Opened extends AsyncDisposable {
  readonly source: ByteSource;
  /** Where it is on disk, if it is. */
  readonly path: string | undefined;
}

async function openSource(input: AudioFile | AsyncIterable<Uint8Array>): Promise<Opened> {
  if (isStream(input)) {
    const source = pipeSource(input, "stream");
    return { source, path: undefined, [Symbol.asyncDispose]: () => source[Symbol.asyncDispose]() };
  }
  if (input instanceof Uint8Array || input instanceof ArrayBuffer) {
    const source = memorySource(input instanceof ArrayBuffer ? new Uint8Array(input) : input, "audio");
    return { source, path: undefined, [Symbol.asyncDispose]: async () => {} };
  }
  const path = input instanceof URL ? pathOf(input) : input;
  if (typeof path !== "string" || path === "" || path.includes("\0")) {
    throw new UsageError("bad_option", "audio", "no file, bytes or samples", {
      wanted: "a path, a file: URL, a Uint8Array, or samples",
    });
  }
  try {
    const found = await stat(path);
    if (!found.isFile()) throw new AudioError("file_unreadable", path, "not a regular file");
    const file = await open(path);
    const read = async (offset: number, length: number): Promise<Uint8Array> => {
      const bytes = new Uint8Array(Math.max(0, Math.min(length, found.size - offset)));
      const { bytesRead } = await file.read(bytes, 0, bytes.length, offset);
      return bytes.subarray(0, bytesRead);
    };
    const source = { name: path, size: found.size, read };
    return { source, path, [Symbol.asyncDispose]: () => file.close() };
  } catch (cause) {
    if (cause instanceof FunAsrError) throw cause;
    const { code } = cause as NodeJS.ErrnoException;
    if (code === "ENOENT") throw new AudioError("file_not_found", path, "there is no such file", { cause });
    throw new AudioError("file_unreadable", path, `the file cannot be read (${code})`, { cause });
  }
}

function pathOf(url: URL): string {
  if (url.protocol !== "file:") {
    throw new UsageError("bad_option", url.href, "not on this machine", { wanted: "a file: URL" });
  }
  return fileURLToPath(url);
}

function isStream(input: unknown): input is AsyncIterable<Uint8Array> {
  return typeof input === "object" && input !== null && Symbol.asyncIterator in input;
}

function isSamples(input: AudioInput): input is Float32Array | Int16Array | RawAudio {
  return (
    input instanceof Float32Array ||
    input instanceof Int16Array ||
    (typeof input === "object" && input !== null && "samples" in input)
  );
}

function check({ maxSeconds, maxDecodedBytes }: DecodeLimits): void {
  for (const [name, value] of Object.entries({ maxSeconds, maxDecodedBytes })) {
    if (value === undefined || value > 0) continue;
    throw new UsageError("bad_option", name, String(value), { wanted: "a positive number" });
  }
}
