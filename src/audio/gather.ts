/** From a decoder's pieces to samples at the models' rate, within the caller's limits, at once or as a stream. */
import { AudioError } from "../errors.ts";
import type { AudioEnd, AudioPiece } from "../platform/platform.ts";
import { offerTurn } from "../platform/turns.ts";
import { checkFinite, checkShape, gathered } from "./decoder.ts";
import { DEFAULT_MAX_DECODED_BYTES, DEFAULT_MAX_SECONDS, MODEL_RATE } from "./limits.ts";
import { planMixer } from "./mix.ts";
import type { Mixer } from "./mix.ts";
import { planResampler } from "./resample.ts";
import type { Resampler } from "./resample.ts";

/** Samples for the models, with properties of their source. */
export interface Audio {
  /** Mono, in [-1, 1]. */
  readonly samples: Float32Array;
  readonly sampleRate: typeof MODEL_RATE;
  /** In Hz, of the source's first part. */
  readonly sourceRate: number;
  /** Channels of the source's first part, which were mixed to one. */
  readonly channels: number;
  /** Seconds in which channels are in antiphase: their mean is silence, and one of them was taken. */
  readonly antiphase: number;
  /** Seconds, from the source's frames. */
  readonly duration: number;
  /** Audio of the source is missing here: it announces more samples than it has, or a part of it was not decoded. */
  readonly truncated: boolean;
  readonly warnings: readonly string[];
}

export interface DecodeLimits {
  /** Seconds of audio that are accepted; four hours by default. */
  readonly maxSeconds?: number | undefined;
  /** Bytes that decoding may produce, as float32 at the source's rate and channels; 8 GiB by default. */
  readonly maxDecodedBytes?: number | undefined;
  /** Refuse truncated input instead of warning. */
  readonly strict?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** The part of the source that is being mixed and resampled. */
interface Part {
  readonly number: number | undefined;
  readonly sampleRate: number;
  readonly channels: number;
  readonly mixer: Mixer;
  readonly resampler: Resampler;
  frames: number;
}

export type Summary = Omit<Audio, "samples" | "sampleRate">;

/** Yields samples at 16 kHz, as `plan` makes them; the bytes do not depend on the size of the pieces. */
export async function* resampled(
  where: string,
  pieces: AsyncGenerator<AudioPiece, AudioEnd>,
  limits: DecodeLimits,
  plan: typeof planResampler = planResampler,
): AsyncGenerator<Float32Array, Summary> {
  const { maxSeconds = DEFAULT_MAX_SECONDS, maxDecodedBytes = DEFAULT_MAX_DECODED_BYTES } = limits;
  let first: Pick<Part, "sampleRate" | "channels"> | undefined;
  let part: Part | undefined;
  let secondsBefore = 0; // in the parts before this one
  let antiphase = 0;
  let decodedBytes = 0;
  let made = 0;
  /** Sums of finite samples may be too large for float32. */
  const finite = (samples: Float32Array): Float32Array => {
    checkFinite(`${where} at ${MODEL_RATE} Hz`, samples, made);
    made += samples.length;
    return samples;
  };
  try {
    for (;;) {
      await offerTurn();
      limits.signal?.throwIfAborted();
      const next = await pieces.next();
      if (next.done === true) {
        if (first === undefined || part === undefined || secondsBefore + part.frames === 0) {
          const why = next.value.warnings.map((warning) => `: ${warning}`).join("");
          throw new AudioError("audio_empty", where, `no audio in it${why}`, {
            wanted: "at least one sample",
          });
        }
        if (next.value.truncated && limits.strict === true) {
          throw new AudioError(
            "audio_truncated",
            where,
            next.value.warnings.join("; ") || "the file ends early",
            {
              wanted: "a complete file",
            },
          );
        }
        for (const samples of rest(part)) yield finite(samples);
        antiphase += part.mixer.inAntiphase / part.sampleRate;
        return {
          sourceRate: first.sampleRate,
          channels: first.channels,
          antiphase,
          duration: secondsBefore + part.frames / part.sampleRate,
          ...next.value,
        };
      }
      if (part === undefined || !belongsTo(part, next.value)) {
        if (part !== undefined) {
          for (const samples of rest(part)) yield finite(samples);
          secondsBefore += part.frames / part.sampleRate;
          antiphase += part.mixer.inAntiphase / part.sampleRate;
        }
        part = begin(where, next.value, plan);
        first ??= part;
      }
      const { channels, sampleRate } = next.value;
      const frames = channels[0]!.length;
      part.frames += frames;
      decodedBytes += frames * channels.length * 4;
      if (part.frames > (maxSeconds - secondsBefore) * sampleRate) {
        tooLong(where, `more than ${maxSeconds} seconds`, "maxSeconds");
      }
      if (decodedBytes > maxDecodedBytes) {
        tooLong(where, `more than ${maxDecodedBytes} bytes when decoded`, "maxDecodedBytes");
      }
      yield finite(part.resampler.push(part.mixer.push(channels)));
    }
  } catch (error) {
    limits.signal?.throwIfAborted(); // whatever a decoder made of an aborted read
    throw error;
  } finally {
    await pieces.return({ truncated: true, warnings: [] }); // closes files and decoders, also after an error
  }
}

function begin(where: string, { part, channels, sampleRate }: AudioPiece, plan: typeof planResampler): Part {
  checkShape(where, sampleRate, channels.length);
  return {
    number: part,
    sampleRate,
    channels: channels.length,
    mixer: planMixer(sampleRate, channels.length),
    resampler: plan(sampleRate, MODEL_RATE),
    frames: 0,
  };
}

function belongsTo(part: Part, piece: AudioPiece): boolean {
  const { number, sampleRate, channels } = part;
  return piece.part === number && piece.sampleRate === sampleRate && piece.channels.length === channels;
}

/** What is left in a part's mixer and resampler. */
function* rest({ mixer, resampler }: Part): Generator<Float32Array> {
  yield resampler.push(mixer.end());
  yield resampler.end();
}

function tooLong(where: string, found: string, option: string): never {
  throw new AudioError("audio_too_long", where, found, {
    wanted: `at most ${option}`,
    remedy: `Cut the file, or raise ${option}; a stream is not held in memory`,
  });
}

/** All samples in one array. */
export async function gather(
  where: string,
  pieces: AsyncGenerator<AudioPiece, AudioEnd>,
  limits: DecodeLimits,
): Promise<Audio> {
  const parts: Float32Array[] = [];
  const stream = resampled(where, pieces, limits);
  for (;;) {
    const next = await stream.next();
    if (next.done === true) {
      return { samples: await gathered(parts), sampleRate: MODEL_RATE, ...next.value };
    }
    parts.push(next.value);
  }
}

/** The summary alone: pieces are counted, but not resampled. */
export async function measure(
  where: string,
  pieces: AsyncGenerator<AudioPiece, AudioEnd>,
  limits: DecodeLimits,
): Promise<Summary> {
  const nothing = new Float32Array(0);
  const stream = resampled(where, pieces, limits, () => ({ push: () => nothing, end: () => nothing }));
  for (;;) {
    const next = await stream.next();
    if (next.done === true) return next.value;
  }
}
