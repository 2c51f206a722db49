/**
 * The power spectrum of real frames, for any even length: a complex FFT of half the length (Stockham's self-sorting
 * form, mixed radix), then the usual split into the spectrum of the real signal.
 * Tables and arithmetic are float64; only the caller rounds.
 */
import { RuntimeError } from "../errors.ts";

/** Overwrites `power` [length / 2 + 1] with |X|² of `frame` [length], which it does not change. */
type PowerSpectrum = (frame: Float64Array, power: Float64Array) => void;

/** One pass: splits `count` interleaved sequences of `length` points into `radix` parts each. */
interface Pass {
  readonly radix: number;
  readonly length: number;
  readonly count: number;
}

/** Computes the tables for real frames of `length` points. Throws `internal` for an odd length. */
export function powerSpectrum(length: number): PowerSpectrum {
  if (!Number.isInteger(length) || length < 2 || length % 2 !== 0) {
    throw new RuntimeError("internal", "powerSpectrum", `length ${length}`, { wanted: "an even number" });
  }
  const half = length / 2;
  const passes = plan(half);
  const twiddles = roots(half);
  const unpack = roots(length);
  let z = new Float64Array(length); // [half, 2]: real and imaginary parts alternate
  let spare = new Float64Array(length);

  return (frame, power) => {
    z.set(frame); // even samples are the real parts, odd samples the imaginary ones
    for (const pass of passes) {
      if (pass.radix === 4) radix4(z, spare, pass, twiddles);
      else anyRadix(z, spare, pass, twiddles);
      [z, spare] = [spare, z];
    }
    const re0 = z[0]!;
    const im0 = z[1]!;
    power[0] = (re0 + im0) ** 2;
    power[half] = (re0 - im0) ** 2;
    for (let k = 1; k < half; k++) {
      const a = 2 * k;
      const b = length - a;
      const evenRe = (z[a]! + z[b]!) / 2;
      const evenIm = (z[a + 1]! - z[b + 1]!) / 2;
      const oddRe = (z[a + 1]! + z[b + 1]!) / 2;
      const oddIm = (z[b]! - z[a]!) / 2;
      const re = evenRe + unpack[a]! * oddRe - unpack[a + 1]! * oddIm;
      const im = evenIm + unpack[a]! * oddIm + unpack[a + 1]! * oddRe;
      power[k] = re * re + im * im;
    }
  };
}

/** Radix 4 as often as it divides, because it is cheapest, then the remaining primes. */
function plan(points: number): Pass[] {
  const passes: Pass[] = [];
  for (let length = points, count = 1; length > 1;) {
    let radix = 4;
    if (length % radix !== 0) for (radix = 2; length % radix !== 0;) radix++;
    passes.push({ radix, length, count });
    length /= radix;
    count *= radix;
  }
  return passes;
}

/** exp(-2πik / n) for k < n, real and imaginary parts alternating. */
function roots(n: number): Float64Array {
  const table = new Float64Array(2 * n);
  for (let k = 0; k < n; k++) {
    table[2 * k] = Math.cos((2 * Math.PI * k) / n);
    table[2 * k + 1] = -Math.sin((2 * Math.PI * k) / n);
  }
  return table;
}

/** y[q + s(rp + j)] = Σₖ x[q + s(p + mk)] · w^(j(p + mk)), with r the radix, s the count, m = length / r, w = ⁿ√1. */
function anyRadix(x: Float64Array, y: Float64Array, pass: Pass, twiddles: Float64Array): void {
  const { radix, length, count } = pass;
  const parts = length / radix;
  const points = length * count;
  for (let p = 0; p < parts; p++) {
    for (let j = 0; j < radix; j++) {
      const to = 2 * count * (radix * p + j);
      y.fill(0, to, to + 2 * count);
      for (let k = 0; k < radix; k++) {
        const from = 2 * count * (p + parts * k);
        const turn = 2 * ((j * count * (p + parts * k)) % points);
        const re = twiddles[turn]!;
        const im = twiddles[turn + 1]!;
        for (let q = 0; q < 2 * count; q += 2) {
          y[to + q] = y[to + q]! + x[from + q]! * re - x[from + q + 1]! * im;
          y[to + q + 1] = y[to + q + 1]! + x[from + q]! * im + x[from + q + 1]! * re;
        }
      }
    }
  }
}

/** The same for radix 4, where the inner roots are 1, -i, -1 and i. */
function radix4(x: Float64Array, y: Float64Array, pass: Pass, twiddles: Float64Array): void {
  const { length, count } = pass;
  const parts = length / 4;
  const stride = 2 * count * parts;
  for (let p = 0; p < parts; p++) {
    const t1 = 2 * p * count;
    const w1Re = twiddles[t1]!;
    const w1Im = twiddles[t1 + 1]!;
    const w2Re = twiddles[2 * t1]!;
    const w2Im = twiddles[2 * t1 + 1]!;
    const w3Re = twiddles[3 * t1]!;
    const w3Im = twiddles[3 * t1 + 1]!;
    for (let q = 0; q < count; q++) {
      const a = 2 * (q + count * p);
      const b = a + stride;
      const c = b + stride;
      const d = c + stride;
      const sumRe = x[a]! + x[c]!;
      const sumIm = x[a + 1]! + x[c + 1]!;
      const differenceRe = x[a]! - x[c]!;
      const differenceIm = x[a + 1]! - x[c + 1]!;
      const otherSumRe = x[b]! + x[d]!;
      const otherSumIm = x[b + 1]! + x[d + 1]!;
      const turnedRe = x[b + 1]! - x[d + 1]!; // -i · (b - d)
      const turnedIm = x[d]! - x[b]!;
      const y1Re = differenceRe + turnedRe;
      const y1Im = differenceIm + turnedIm;
      const y2Re = sumRe - otherSumRe;
      const y2Im = sumIm - otherSumIm;
      const y3Re = differenceRe - turnedRe;
      const y3Im = differenceIm - turnedIm;
      const to = 2 * (q + 4 * count * p);
      const step = 2 * count;
      y[to] = sumRe + otherSumRe;
      y[to + 1] = sumIm + otherSumIm;
      y[to + step] = y1Re * w1Re - y1Im * w1Im;
      y[to + step + 1] = y1Re * w1Im + y1Im * w1Re;
      y[to + 2 * step] = y2Re * w2Re - y2Im * w2Im;
      y[to + 2 * step + 1] = y2Re * w2Im + y2Im * w2Re;
      y[to + 3 * step] = y3Re * w3Re - y3Im * w3Im;
      y[to + 3 * step + 1] = y3Re * w3Im + y3Im * w3Re;
    }
  }
}
