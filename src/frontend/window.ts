/** The windows of Kaldi's front end, over the points of a frame: torchaudio's `compliance.kaldi`, by its names. */

const shapes = {
  hamming: (cosine: number) => 0.54 - 0.46 * cosine,
  hanning: (cosine: number) => 0.5 - 0.5 * cosine,
  povey: (cosine: number) => (0.5 - 0.5 * cosine) ** 0.85,
  rectangular: () => 1,
  /** cos 2x = 2 cos² x − 1 */
  blackman: (cosine: number) => 0.42 - 0.5 * cosine + 0.08 * (2 * cosine * cosine - 1),
} satisfies Readonly<Record<string, (cosine: number) => number>>;

export type WindowName = keyof typeof shapes;
export const windowNames = Object.keys(shapes) as readonly WindowName[];

/** `length` points of a window whose cosine repeats after `period` points. */
export function windowOf(name: WindowName, length: number, period: number): Float64Array {
  return Float64Array.from({ length }, (_, i) => shapes[name](Math.cos((2 * Math.PI * i) / period)));
}
