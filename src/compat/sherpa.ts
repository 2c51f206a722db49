/**
 * sherpa-onnx's way to an offline recognizer: a stream is filled with samples, decoded, and asked for its result.
 * What is in it is held in memory; `transcribe` reads long recordings as they come.
 */
import { UsageError } from "../errors.ts";
import { planResampler } from "../audio/resample.ts";
import type { Resampler } from "../audio/resample.ts";
import { checkFinite, checkShape } from "../audio/decoder.ts";
import { MODEL_RATE } from "../audio/limits.ts";
import type { PartialResult } from "../longform/events.ts";
import { joinTexts } from "../longform/segment.ts";
import type { Segment } from "../longform/segment.ts";
import type { TranscribeOptions, Transcription } from "../transcriber/types.ts";

/** The fields that sherpa-onnx gives; times in seconds. */
export interface StreamResult {
  readonly text: string;
  /** Characters of the text and their starts, where the model can tell. */
  readonly tokens: readonly string[];
  readonly timestamps: readonly number[];
  readonly durations: readonly number[];
}

export class WaveStream {
  /** What the last `decode` made of it; empty before. While it runs, the text so far, which may still change. */
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

  /** No more samples will come. */
  inputFinished(): void {
    if (!this.#finished && this.#resampler !== undefined) this.#parts.push(this.#resampler.end());
    this.#finished = true;
  }

  /** Everything so far, at 16 kHz. */
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

/** Who recognizes: a transcriber, in this thread or another. */
export interface StreamDecoder {
  transcribe(samples: Float32Array, options: TranscribeOptions): Promise<Transcription>;
}

/**
 * Recognizes what is in the stream so far. An empty one has an empty result. Meanwhile the result holds the text that
 * is there: of the parts that are final, and of the one that is being written.
 */
export async function decodeStream(
  decoder: StreamDecoder,
  stream: WaveStream,
  options: TranscribeOptions,
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
  const { text, characters = [] } = await decoder.transcribe(samples, { ...options, onSegment, onPartial });
  stream.result = {
    text,
    tokens: characters.map((unit) => unit.text),
    timestamps: characters.map(({ start }) => start),
    durations: characters.map(({ start, end }) => end - start),
  };
}
