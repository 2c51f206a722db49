/**
 * The three front ends that Fun-ASR models are run with in practice. They have the same steps with other constants;
 * the models were trained with the first.
 *
 * - `kaldi`: FunASR's own, torchaudio's `compliance.kaldi.fbank` without dither.
 * - `htk`: Fun-ASR-GGUF's. The clip as a whole loses its mean and is pre-emphasized; frames are centered, with zeros
 *   beyond both ends; 400-point FFT with a periodic window; triangles over Hz; no factor of 32768.
 * - `sherpa`: sherpa-onnx's. Frames are centered on their hop and mirrored at both ends; filters end at 7600 Hz (its
 *   default of Nyquist - 400); stacking repeats no edge frames.
 */
import type { MelShape } from "./mel.ts";

export type FrontendVariant = "kaldi" | "htk" | "sherpa";

export interface Variant {
  /** Factor on samples in [-1, 1]. */
  readonly gain: number;
  /** Mean removal and pre-emphasis: of each frame, or once for the whole clip. */
  readonly emphasis: "frame" | "clip";
  /** What frames contain outside the clip; `none` means that only whole frames count. */
  readonly edge: "none" | "mirror" | "zero";
  /** Where frame 0 starts relative to sample 0. */
  readonly firstFrame: (length: number, shift: number) => number;
  readonly frames: (samples: number, length: number, shift: number) => number;
  /** The cosine's period for a window of `length` points. */
  readonly windowPeriod: (length: number) => number;
  readonly fftLength: (length: number) => number;
  readonly mel: MelShape;
  readonly highHz: (nyquist: number) => number;
  /** Energy of a filter to feature. */
  readonly log: (energy: number) => number;
  /** Whether stacking repeats the edge frames. */
  readonly padRows: boolean;
}

const powerOfTwo = (length: number): number => 2 ** Math.ceil(Math.log2(length));
const FLOAT32_EPSILON = 2 ** -23;

const kaldi: Variant = {
  gain: 32768,
  emphasis: "frame",
  edge: "none",
  firstFrame: () => 0,
  frames: (samples, length, shift) => (samples < length ? 0 : 1 + Math.floor((samples - length) / shift)),
  windowPeriod: (length) => length - 1,
  fftLength: powerOfTwo,
  mel: "mel",
  highHz: (nyquist) => nyquist,
  log: (energy) => Math.log(Math.max(energy, FLOAT32_EPSILON)),
  padRows: true,
};

/** Kaldi's `snip_edges: false`: frames are centered on their hop, and mirrored at both ends of the clip. */
export const centered = (variant: Variant): Variant => ({
  ...variant,
  edge: "mirror",
  firstFrame: (length, shift) => Math.floor(shift / 2) - Math.floor(length / 2),
  frames: (samples, length, shift) =>
    samples < length ? 0 : Math.floor((samples + Math.floor(shift / 2)) / shift),
});

export const variants: Readonly<Record<FrontendVariant, Variant>> = {
  kaldi,
  htk: {
    gain: 1,
    emphasis: "clip",
    edge: "zero",
    firstFrame: (length) => -Math.floor(length / 2),
    frames: (samples, _, shift) => (samples < 1 ? 0 : 1 + Math.floor(samples / shift)),
    windowPeriod: (length) => length,
    fftLength: (length) => length,
    mel: "hz",
    highHz: (nyquist) => nyquist,
    log: (energy) => Math.log(energy + 1e-7),
    padRows: true,
  },
  sherpa: {
    ...kaldi,
    edge: "mirror",
    firstFrame: (length, shift) => Math.floor(shift / 2) - Math.floor(length / 2),
    frames: (samples, _, shift) => Math.floor((samples + Math.floor(shift / 2)) / shift),
    highHz: (nyquist) => nyquist - 400,
    padRows: false,
  },
};
