/** Samples that the caller already has: checked, mixed by nobody, brought to float32. */
import { AudioError, UsageError } from "../errors.ts";
import { checkFinite, checkShape } from "./decoder.ts";
import type { Ending, Piece } from "./decoder.ts";
import { MODEL_RATE, PIECE_FRAMES } from "./limits.ts";

/** Mono samples with their rate. */
export interface RawAudio {
  /** Float32 in [-1, 1], or 16-bit integers. */
  readonly samples: Float32Array | Int16Array;
  readonly sampleRate: number;
}

const WHERE = "samples";

/** Bare arrays are at 16 kHz, as upstream assumes. */
export function asRaw(input: Float32Array | Int16Array | RawAudio): RawAudio {
  const raw = "samples" in input ? input : { samples: input, sampleRate: MODEL_RATE };
  if (!(raw.samples instanceof Float32Array || raw.samples instanceof Int16Array)) {
    throw new UsageError("bad_option", WHERE, "neither a Float32Array nor an Int16Array");
  }
  checkShape(WHERE, raw.sampleRate, 1);
  if (raw.samples.length === 0) {
    throw new AudioError("audio_empty", WHERE, "0 samples", { wanted: "at least one sample" });
  }
  return raw;
}

/** In pieces, so that long input obeys the same limits and the same abort signal as a file. */
export async function* decodeRaw({ samples, sampleRate }: RawAudio): AsyncGenerator<Piece, Ending> {
  for (let start = 0; start < samples.length; start += PIECE_FRAMES) {
    const piece = samples.subarray(start, start + PIECE_FRAMES);
    const floats = piece instanceof Int16Array ? Float32Array.from(piece, (v) => v / 32768) : piece;
    checkFinite(WHERE, floats, start);
    yield { samples: floats, sampleRate, channels: 1 };
  }
  return { truncated: false, warnings: [] };
}
