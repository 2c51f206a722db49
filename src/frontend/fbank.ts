/**
 * Log-mel filter bank: frames, mean removal, pre-emphasis, window, power spectrum, triangles, logarithm.
 * The default variant is Kaldi's as torchaudio implements it (`compliance.kaldi.fbank`, dither 0); dither, the only
 * random step of upstream, is left out. Arithmetic is float64 and features are rounded once, at the end.
 */
import { powerSpectrum } from "./fft.ts";
import { melFilters } from "./mel.ts";
import type { Variant } from "./variants.ts";
import { windowOf } from "./window.ts";
import type { WindowName } from "./window.ts";

/** Feature rows, one after the other. */
export interface Matrix {
  readonly values: Float32Array; // [rows, cols]
  readonly rows: number;
  readonly cols: number;
}

export interface FbankConfig {
  readonly sampleRate: number;
  readonly nMels: number;
  /** Samples of a frame, and from the start of one frame to the start of the next. */
  readonly frameLength: number;
  readonly frameShift: number;
  readonly window: WindowName;
  readonly variant: Variant;
}

const PRE_EMPHASIS = 0.97;
const LOW_HZ = 20;

/** The number of frames of a clip of `samples` samples. */
export function fbankFrames(samples: number, { variant, frameLength, frameShift }: FbankConfig): number {
  return variant.frames(samples, frameLength, frameShift);
}

/** Computes the tables once; the result turns a clip at `sampleRate` into log-mel frames [frames, nMels]. */
export function planFbank(config: FbankConfig): (samples: Float32Array) => Matrix {
  const { variant, nMels, sampleRate, frameLength, frameShift } = config;
  const fftLength = variant.fftLength(frameLength);
  const spectrum = powerSpectrum(fftLength);
  const window = windowOf(config.window, frameLength, variant.windowPeriod(frameLength));
  const filters = melFilters({
    shape: variant.mel,
    filters: nMels,
    sampleRate,
    fftLength,
    lowHz: LOW_HZ,
    highHz: variant.highHz(sampleRate / 2),
  });
  const firstFrame = variant.firstFrame(frameLength, frameShift);

  return (samples) => {
    const clip = variant.emphasis === "clip" ? emphasizeClip(samples) : samples;
    const rows = fbankFrames(samples.length, config);
    const values = new Float32Array(rows * nMels); // [frames, mel]
    const padded = new Float64Array(fftLength); // zeros after frameLength
    const frame = padded.subarray(0, frameLength);
    const power = new Float64Array(fftLength / 2 + 1);

    for (let row = 0, at = 0; row < rows; row++) {
      readFrame(clip, firstFrame + row * frameShift, frame, variant);
      if (variant.emphasis === "frame") emphasizeFrame(frame);
      for (let i = 0; i < frameLength; i++) frame[i] = frame[i]! * window[i]!;
      spectrum(padded, power);
      for (const { first, weights } of filters) {
        let energy = 0;
        for (let k = 0; k < weights.length; k++) energy += weights[k]! * power[first + k]!;
        values[at++] = variant.log(energy);
      }
    }
    return { values, rows, cols: nMels };
  };
}

/** Copies the samples from `start` on; outside the clip they are zeros or its mirror image. */
function readFrame(
  clip: Float32Array | Float64Array,
  start: number,
  frame: Float64Array,
  { gain, edge }: Variant,
): void {
  const inside = start >= 0 && start + frame.length <= clip.length;
  for (let i = 0; i < frame.length; i++) {
    let at = start + i;
    if (!inside && edge === "mirror") {
      while (at < 0 || at >= clip.length) at = at < 0 ? -1 - at : 2 * clip.length - 1 - at;
    }
    frame[i] = gain * (clip[at] ?? 0);
  }
}

/** x ← x - mean(x), then y[i] = x[i] - 0.97 x[i-1], where x[-1] is x[0]. */
function emphasizeFrame(frame: Float64Array): void {
  const { length } = frame;
  let sum = 0;
  for (let i = 0; i < length; i++) sum += frame[i]!;
  const mean = sum / length;
  for (let i = 0; i < length; i++) frame[i] = frame[i]! - mean;
  for (let i = length - 1; i > 0; i--) frame[i] = frame[i]! - PRE_EMPHASIS * frame[i - 1]!;
  frame[0] = frame[0]! * (1 - PRE_EMPHASIS);
}

/** The same over the whole clip, except that y[0] = x[0]. */
function emphasizeClip(samples: Float32Array): Float64Array {
  let sum = 0;
  for (let i = 0; i < samples.length; i++) sum += samples[i]!;
  const mean = sum / samples.length;
  const emphasized = new Float64Array(samples.length);
  for (let i = 0, previous = 0; i < samples.length; i++) {
    const level = samples[i]! - mean;
    emphasized[i] = level - PRE_EMPHASIS * previous;
    previous = level;
  }
  return emphasized;
}
