/** Bytes of messages to samples: a message may end within a sample. */
import type { WavEncoding } from "../../audio/wav-header.ts";
import { samplesOf } from "../../audio/wav.ts";

/** Little-endian mono samples without a header. */
export interface SampleFormat {
  readonly encoding: WavEncoding;
  readonly bits: number;
  /** Hz. */
  readonly sampleRate: number;
}

export const pcm16 = (sampleRate: number): SampleFormat => ({ encoding: "integer", bits: 16, sampleRate });

export class SampleReader {
  readonly #format: SampleFormat;
  #rest: Uint8Array = new Uint8Array(0);
  #count = 0;

  constructor(format: SampleFormat) {
    this.#format = format;
  }

  /** Samples so far. */
  get count(): number {
    return this.#count;
  }

  /** The next samples. Throws `non_finite`. */
  async read(bytes: Uint8Array): Promise<Float32Array> {
    const frameBytes = this.#format.bits / 8;
    const all = new Uint8Array(this.#rest.length + bytes.length);
    all.set(this.#rest);
    all.set(bytes, this.#rest.length);
    const whole = all.length - (all.length % frameBytes);
    this.#rest = all.slice(whole);
    const format = { ...this.#format, channels: 1, frameBytes };
    const [samples] = await samplesOf("audio", all.subarray(0, whole), format, this.#count);
    this.#count += samples!.length;
    return samples!;
  }
}
