/**
 * Triangular mel filters over the bins of a power spectrum, stored as the run of bins where each filter is not 0.
 * No area normalization: the peak of every triangle is 1.
 */

/** A filter's weights for the bins from `first` on. */
interface MelFilter {
  readonly first: number;
  readonly weights: Float64Array;
}

/**
 * The scale over which a triangle's sides are straight: mel (Kaldi's `get_mel_banks`) or Hz (torchaudio's
 * `melscale_fbanks`, "HTK").
 */
export type MelShape = "mel" | "hz";

interface MelConfig {
  readonly shape: MelShape;
  readonly filters: number;
  readonly sampleRate: number;
  readonly fftLength: number;
  readonly lowHz: number;
  readonly highHz: number;
}

const toMel = (hz: number): number => 1127 * Math.log(1 + hz / 700);
const toHz = (mel: number): number => 700 * (Math.exp(mel / 1127) - 1);

/**
 * `filters` triangles whose corners are equally spaced in mel from `lowHz` to `highHz`. The Nyquist bin is left out:
 * no triangle reaches beyond it, so its weight is 0.
 */
export function melFilters(config: MelConfig): MelFilter[] {
  const { shape, filters, sampleRate, fftLength, lowHz, highHz } = config;
  const low = toMel(lowHz);
  const step = (toMel(highHz) - low) / (filters + 1);
  const scale = shape === "mel" ? toMel : (hz: number): number => hz;
  const corner = (index: number): number => (shape === "mel" ? low + step * index : toHz(low + step * index));
  const bins = Array.from({ length: fftLength / 2 }, (_, k) => scale((k * sampleRate) / fftLength));

  return Array.from({ length: filters }, (_, b) => {
    const [left, center, right] = [corner(b), corner(b + 1), corner(b + 2)] as const;
    const weights = bins.map((x) =>
      Math.max(0, Math.min((x - left) / (center - left), (right - x) / (right - center))),
    );
    const first = weights.findIndex((weight) => weight > 0);
    if (first < 0) return { first: 0, weights: new Float64Array(0) };
    const last = weights.findLastIndex((weight) => weight > 0);
    return { first, weights: Float64Array.from(weights.slice(first, last + 1)) };
  });
}
