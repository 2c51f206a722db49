/**
 * Reads any audio input as 16 kHz mono float32: the first bytes select the decoder, and the caller's limits are enforced
 * while it decodes. WAV, FLAC, MP3, Ogg Vorbis and Opus are decoded here, also Opus, FLAC and PCM in MP4, QuickTime,
 * WebM and Matroska; what else is known by ffmpeg, if it is installed; anything else is `not_audio`.
 */
import { AudioError, UsageError } from "../errors.ts";
import type { AudioEnd, AudioPiece } from "../platform/platform.ts";
import { extentOf } from "./extent.ts";
import { gather, measure, resampled } from "./gather.ts";
import type { Audio, DecodeLimits, Summary } from "./gather.ts";
import type { ForeignProgram } from "./foreign.ts";
import { decodeParts } from "./parts.ts";
import { pipeSource } from "./pipe.ts";
import { asRaw, decodeRaw } from "./raw.ts";
import type { RawAudio } from "./raw.ts";
import { sniff } from "./sniff.ts";
import type { Format } from "./sniff.ts";
import { openBlob, openBytes, sliced } from "../platform/bytes.ts";
import { noPointer } from "../platform/lfs-pointer.ts";
import type { ByteSource } from "../platform/bytes.ts";
import { interruptible, openOrAborted } from "../platform/interruptible.ts";
import { isAddress } from "../platform/open-source.ts";
import { platform } from "../platform/current.ts";

/**
 * A path, a `file:` URL, the bytes of a file at once or as a stream, or samples: bare arrays are mono at 16 kHz.
 * A stream is read forward and needs no memory of its size.
 */
export type AudioInput = AudioFile | AsyncIterable<Uint8Array> | Float32Array | Int16Array | RawAudio;

type AudioFile = string | URL | Uint8Array | ArrayBuffer | Blob;

export interface AudioOptions extends DecodeLimits {
  /** The ffmpeg to use for other formats: `true` (the default) is the one on the path, `false` is none. */
  readonly ffmpeg?: boolean | string | undefined;
}

/** Decodes all of it. Throws `AudioError`, `FileError`, or `UsageError` for invalid options and inputs. */
export async function loadAudio(input: AudioInput, options: AudioOptions = {}): Promise<Audio> {
  check(options);
  if (isSamples(input)) return gather("samples", decodeRaw(asRaw(input), options.signal), options);
  await using source = await openInput(input, options);
  return await gather(source.name, decode(source, options), options);
}

/**
 * Yields the same samples piece by piece, in memory that does not grow with the length. The length is not limited unless
 * `maxSeconds` or `maxDecodedBytes` is given; `strict` can only throw at the end.
 */
export async function* streamAudio(
  input: AudioInput,
  options: AudioOptions = {},
): AsyncGenerator<Float32Array, Summary> {
  check(options);
  const limits = { maxSeconds: Infinity, maxDecodedBytes: Infinity, ...options };
  if (isSamples(input)) return yield* resampled("samples", decodeRaw(asRaw(input), options.signal), limits);
  await using source = await openInput(input, options);
  return yield* resampled(source.name, decode(source, options), limits);
}

/**
 * The summary that `loadAudio` gives, of a WAV file and what is behind it in the same file, without resampling. Undefined
 * for other files, which would have to be decoded.
 */
export async function measureWav(input: AudioFile, options: AudioOptions = {}): Promise<Summary | undefined> {
  check(options);
  await using source = await openInput(input, options);
  const format = await identify(source);
  if (format.native !== "wav") return undefined;
  const limits = { maxSeconds: Infinity, maxDecodedBytes: Infinity, ...options };
  return await measure(source.name, decode(source, options), limits);
}

/** The seconds of a file by its headers, without decoding; undefined where they do not give them. */
export async function lengthOf(input: AudioFile, options: AudioOptions = {}): Promise<number | undefined> {
  await using source = await openInput(input, options);
  const format = await identify(source);
  const part = sliced(source, format.offset);
  const { end = part.size, seconds } = await extentOf(part, format);
  return seconds(Math.min(end, part.size));
}

async function* decode(
  source: ByteSource,
  { ffmpeg = true, signal }: AudioOptions,
): AsyncGenerator<AudioPiece, AudioEnd> {
  const first = await identify(source);
  const { decodeForeign } = platform();
  const program = ffmpeg === true ? "ffmpeg" : ffmpeg;
  const foreign: ForeignProgram | undefined =
    program === false || decodeForeign === undefined
      ? undefined
      : (part, name) => decodeForeign(part, name, program, signal);
  return yield* decodeParts(source, first, foreign, signal);
}

async function identify(source: ByteSource): Promise<Format> {
  const format = await sniff(source);
  if (source.size === 0) {
    throw new AudioError("audio_empty", source.name, "0 bytes", { wanted: "an audio file" });
  }
  if (format === undefined) {
    throw new AudioError("not_audio", source.name, "the first bytes are not those of a known audio format", {
      wanted:
        "WAV, FLAC, MP3, Ogg Vorbis or Opus, Opus in WebM or MP4, or what ffmpeg decodes: AAC in M4A, …",
    });
  }
  return format;
}

/** Opens the input; its name is the `where` of errors. All reading of audio goes through the result, and ends by `signal`. */
async function openInput(
  input: AudioFile | AsyncIterable<Uint8Array>,
  { signal }: AudioOptions,
): Promise<ByteSource> {
  return interruptible(await openOrAborted(() => open(input), signal), signal);
}

async function open(input: AudioFile | AsyncIterable<Uint8Array>): Promise<ByteSource> {
  if (isStream(input)) return pipeSource(input, "stream");
  if (input instanceof Uint8Array || input instanceof ArrayBuffer)
    return noPointer(openBytes(input, "audio"));
  if (input instanceof Blob) return noPointer(openBlob(input));
  if (
    (input instanceof URL && input.protocol !== "file:") ||
    (typeof input === "string" && isAddress(input))
  ) {
    throw new UsageError("bad_option", String(input), "not on this machine", {
      wanted: "a path, a file: URL, or the bytes: those of a response are a stream",
    });
  }
  if (!(input instanceof URL) && (typeof input !== "string" || input === "" || input.includes("\0"))) {
    throw new UsageError("bad_option", "audio", "no file, bytes or samples", {
      wanted: "a path, a file: URL, a Uint8Array, a Blob, or samples",
    });
  }
  const file = await platform().openFile(input);
  return { ...file, name: file.path ?? file.name };
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
