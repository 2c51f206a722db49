/**
 * sherpa-onnx's API of an offline recognizer: a stream is filled with samples, decoded, and holds the result. All samples
 * are held in memory; `transcribe` reads long recordings piece by piece.
 */
import { UsageError } from "../errors.ts";
import { planResampler } from "../audio/resample.ts";
import type { Resampler } from "../audio/resample.ts";
import { checkFinite, checkShape } from "../audio/decoder.ts";
import { MODEL_RATE } from "../audio/limits.ts";
import type { ModelInfo } from "../transcriber/types.ts";
import type { TranscribeOptions } from "../longform/options.ts";
import type { PartialResult, Segment, Transcription } from "../longform/result.ts";
import { joinTexts } from "../longform/segment.ts";

/** The fields that sherpa-onnx gives; times in seconds. */
export interface StreamResult {
  readonly text: string;
  /** Characters of the text, where the model can time them. */
  readonly tokens: readonly string[];
  /** The start of each character. */
  readonly timestamps: readonly number[];
  /** The length of each character. */
  readonly durations: readonly number[];
}

export class WaveStream {
  /** The result of the last `decodeStream`; empty before. While it runs, the text so far, which may still change. */
  result: StreamResult = { text: "", tokens: [], timestamps: [], durations: [] };
  readonly #parts: Float32Array[] = [];
  #resampler: Resampler | undefined;
  #sampleRate: number | undefined;
  #finished = false;

  /** Mono samples in [-1, 1]: `(16000, samples)` or `({ sampleRate, samples })`. */
  acceptWaveform(rate: number, samples: Float32Array): void;
  acceptWaveform(wave: { readonly sampleRate: number; readonly samples: Float32Array }): void;
  acceptWaveform(
    wave: number | { readonly sampleRate: number; readonly samples: Float32Array },
    given?: Float32Array,
  ): void {
    const [sampleRate, samples] = typeof wave === "number" ? [wave, given!] : [wave.sampleRate, wave.samples];
    if (this.#finished) {
      throw new UsageError("bad_option", "acceptWaveform", "samples after inputFinished()", {
        wanted: "a new stream",
      });
    }
    if (!(samples instanceof Float32Array)) {
      throw new UsageError("bad_option", "acceptWaveform", "no Float32Array", { wanted: "float samples" });
    }
    checkShape("acceptWaveform", sampleRate, 1);
    checkFinite("acceptWaveform", samples);
    if (this.#sampleRate !== undefined && this.#sampleRate !== sampleRate) {
      throw new UsageError("bad_option", "acceptWaveform", `${sampleRate} Hz after ${this.#sampleRate} Hz`, {
        wanted: "one sample rate throughout",
      });
    }
    this.#sampleRate = sampleRate;
    this.#resampler ??= planResampler(sampleRate, MODEL_RATE);
    this.#parts.push(this.#resampler.push(samples).slice());
  }

  /** Ends the stream. */
  inputFinished(): void {
    if (!this.#finished && this.#resampler !== undefined) this.#parts.push(this.#resampler.end());
    this.#finished = true;
  }

  /** All samples so far, at 16 kHz. */
  samples(): Float32Array {
    const all = new Float32Array(this.#parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of this.#parts) {
      all.set(part, at);
      at += part.length;
    }
    return all;
  }
}

/** The model of a stream: a transcriber, in this thread or in a worker. */
export interface StreamModel {
  readonly info: Pick<ModelInfo, "times">;
  transcribe(samples: Float32Array, options: TranscribeOptions): Promise<Transcription>;
}

/** A stream to fill with samples and to decode. */
export function createStream(): WaveStream {
  return new WaveStream();
}

/**
 * Recognizes the samples that the stream holds, with times where the model has them. An empty stream has an empty result.
 * While this runs, `stream.result` holds the text so far: of the final segments, and of the window that is being written.
 */
export async function decodeStream(
  model: StreamModel,
  stream: WaveStream,
  options: TranscribeOptions = {},
): Promise<void> {
  const samples = stream.samples();
  if (samples.length === 0) return;
  const final: string[] = [];
  const show = (text: string): void => {
    stream.result = { text, tokens: [], timestamps: [], durations: [] };
  };
  const onSegment = (segment: Segment): void => {
    options.onSegment?.(segment);
    final.push(segment.text);
    show(joinTexts(final));
  };
  const onPartial = (partial: PartialResult): void => {
    options.onPartial?.(partial);
    show(joinTexts([...final, partial.text]));
  };
  const timestamps = model.info.times ? "word" : "none";
  const callbacks = { onSegment, onPartial };
  const { text, characters = [] } = await model.transcribe(samples, { timestamps, ...options, ...callbacks });
  stream.result = {
    text,
    tokens: characters.map((unit) => unit.text),
    timestamps: characters.map(({ start }) => start),
    durations: characters.map(({ start, end }) => end - start),
  };
}
