/** Samples of the caller, as an array or a stream: checked, and converted to float32. */
import { AudioError, UsageError } from "../errors.ts";
import { checkFinite, checkShape } from "./decoder.ts";
import type { AudioEnd, AudioPiece } from "../platform/platform.ts";
import { readStream, untilAborted } from "../platform/stream-reader.ts";
import { MODEL_RATE, PIECE_SAMPLES } from "./limits.ts";

/** Float32 in [-1, 1], or 16-bit integers. */
type SampleArray = Float32Array | Int16Array;

/** Mono samples with their rate. */
export interface RawAudio {
  readonly samples: SampleArray | AsyncIterable<SampleArray>;
  readonly sampleRate: number;
}

const WHERE = "samples";

/** Arrays without a rate are at 16 kHz, as upstream assumes. */
export function asRaw(input: SampleArray | RawAudio): RawAudio {
  const raw = "samples" in input ? input : { samples: input, sampleRate: MODEL_RATE };
  checkShape(WHERE, raw.sampleRate, 1);
  const { samples } = raw;
  if (isSampleArray(samples)) {
    if (samples.length > 0) return raw;
    throw new AudioError("audio_empty", WHERE, "0 samples", { wanted: "at least one sample" });
  }
  const isStream = typeof samples === "object" && samples !== null && Symbol.asyncIterator in samples;
  if (!isStream) throw noSamples();
  return raw;
}

/** In pieces, so that long input obeys the same limits and the same abort signal as a file. */
export async function* decodeRaw(
  { samples, sampleRate }: RawAudio,
  signal: AbortSignal | undefined,
): AsyncGenerator<AudioPiece, AudioEnd> {
  let taken = 0;
  for await (const array of isSampleArray(samples) ? [samples] : untilAborted(samples, signal)) {
    if (!isSampleArray(array)) throw noSamples();
    for (let start = 0; start < array.length; start += PIECE_SAMPLES) {
      const piece = array.subarray(start, start + PIECE_SAMPLES);
      const floats = piece instanceof Int16Array ? Float32Array.from(piece, (v) => v / 32768) : piece;
      checkFinite(WHERE, floats, taken);
      taken += floats.length;
      yield { channels: [floats], sampleRate };
    }
  }
  return { truncated: false, warnings: [] };
}

/** 16-bit little-endian integers without a header, as recorders write to a pipe. Its end does not wait for a piece. */
export function pcm16(bytes: AsyncIterable<Uint8Array>): AsyncIterable<Int16Array> {
  return { [Symbol.asyncIterator]: () => integersOf(bytes) };
}

function integersOf(bytes: AsyncIterable<Uint8Array>): AsyncIterator<Int16Array> {
  const reader = readStream(bytes);
  let odd = new Uint8Array(0); // the first half of a sample
  return {
    async next() {
      const next = await reader.next();
      if (next.done === true) return { done: true, value: undefined };
      const all = new Uint8Array(odd.length + next.value.length);
      all.set(odd);
      all.set(next.value, odd.length);
      const whole = all.length - (all.length % 2);
      const fields = new DataView(all.buffer);
      odd = all.slice(whole);
      const value = Int16Array.from({ length: whole / 2 }, (_, i) => fields.getInt16(2 * i, true));
      return { done: false, value };
    },
    async return() {
      await reader.close();
      return { done: true, value: undefined };
    },
  };
}

function isSampleArray(value: unknown): value is SampleArray {
  return value instanceof Float32Array || value instanceof Int16Array;
}

function noSamples(): UsageError {
  return new UsageError(
    "bad_option",
    WHERE,
    "neither a Float32Array nor an Int16Array, nor a stream of them",
  );
}
