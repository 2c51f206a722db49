/** The interface of decoders (pieces, then a summary), and their shared helpers. */
import { AudioError } from "../errors.ts";
import { MAX_CHANNELS, MAX_SAMPLE_RATE, MIN_SAMPLE_RATE } from "./limits.ts";
import type { ByteSource } from "../platform/bytes.ts";
import type { AudioEnd, AudioPiece } from "../platform/platform.ts";
import { offerTurn } from "../platform/turns.ts";

/** Decodes the part of a file that starts at the first byte of `source`. What is behind the part is left to the caller. */
export type Decoder = (source: ByteSource) => AsyncGenerator<AudioPiece, PartEnd>;

export interface PartEnd extends AudioEnd {
  /** The offset behind the part, in bytes. */
  readonly end: number;
}

/** The arrays one after the other; the array itself, not a copy, where all others are empty. */
export function concatenate(parts: readonly Float32Array[]): Float32Array {
  const filled = parts.filter((part) => part.length > 0);
  if (filled.length === 1) return filled[0]!;
  const all = new Float32Array(filled.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of filled) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** The same, with other work of the thread between the arrays: hours of samples are a gigabyte. */
export async function gathered(parts: readonly Float32Array[]): Promise<Float32Array> {
  const filled = parts.filter((part) => part.length > 0);
  if (filled.length === 1) return filled[0]!;
  const all = new Float32Array(filled.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of filled) {
    all.set(part, at);
    at += part.length;
    await offerTurn();
  }
  return all;
}

/** Throws `audio_rate` or `audio_malformed` for values outside those of real recorders. */
export function checkShape(where: string, sampleRate: number, channels: number): void {
  if (!(sampleRate >= MIN_SAMPLE_RATE && sampleRate <= MAX_SAMPLE_RATE && Number.isInteger(sampleRate))) {
    throw new AudioError("audio_rate", where, `a sample rate of ${sampleRate} Hz`, {
      wanted: `a whole number from ${MIN_SAMPLE_RATE} to ${MAX_SAMPLE_RATE}`,
    });
  }
  if (!(channels >= 1 && channels <= MAX_CHANNELS)) {
    throw new AudioError("audio_malformed", where, `${channels} channels`, {
      wanted: `1 to ${MAX_CHANNELS}`,
    });
  }
}

/** Throws `non_finite` if a sample is NaN or infinite: one would make every feature after it NaN. */
export function checkFinite(where: string, samples: Float32Array | Float64Array, firstIndex = 0): void {
  for (let i = 0; i < samples.length; i++) {
    if (!Number.isFinite(samples[i])) {
      throw new AudioError("non_finite", where, `sample ${firstIndex + i} is ${samples[i]}`, {
        wanted: "finite numbers",
      });
    }
  }
}

/** The error for a format that cannot be decoded; `program` is a decoder that could not be started. */
export function undecodable(where: string, format: string, program?: string, cause?: unknown): AudioError {
  const why = program === undefined ? "" : `, and ${program} does not start`;
  return new AudioError("unsupported_encoding", where, `${format} is not decoded here${why}`, {
    wanted: "WAV, FLAC, MP3, Ogg Vorbis or Opus, or Opus, FLAC or PCM in MP4 or WebM",
    remedy:
      "Install ffmpeg, which is used when it is there, or convert the file with it: ffmpeg -i FILE talk.wav",
    cause,
  });
}
