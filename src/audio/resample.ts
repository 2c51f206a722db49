/**
 * torchaudio's `Resample` with its defaults: windowed sinc (Hann), six zero crossings on each side, cut-off at 0.99 of
 * the lower Nyquist frequency. The models were trained with it, so its taps are reproduced to the last bit;
 * only the order of summation differs (float64 here).
 *
 * Output sample n has phase p = n mod w of w = to / gcd, and is a sum over the input around n · from / to. Its terms
 * do not depend on how the input is cut, so pieces give the same bytes as the whole.
 */

import { concatenate } from "./decoder.ts";

const ZERO_CROSSINGS = 6;
const ROLL_OFF = 0.99;

export interface Resampler {
  /** Takes the next samples; returns the output that can be computed so far. */
  push(samples: Float32Array): Float32Array;
  /** Returns the rest; the output has ⌈N · to / from⌉ samples in all. */
  end(): Float32Array;
}

/** Resamples a whole clip. */
export function resample(samples: Float32Array, from: number, to: number): Float32Array {
  const resampler = planResampler(from, to);
  return concatenate([resampler.push(samples), resampler.end()]);
}

export function planResampler(from: number, to: number): Resampler {
  if (from === to) return { push: (samples) => samples, end: () => new Float32Array(0) };
  const divisor = gcd(from, to);
  const step = from / divisor;
  const phases = to / divisor;
  const { taps, width, kernelOf } = sincKernel(step, phases);
  /** The input sample where the taps of output sample `n` start. */
  const firstInput = (n: number): number => Math.floor((n * step) / phases) - width;

  let received = 0;
  let produced = 0;
  let history: Float32Array = new Float32Array(width); // zeros before the clip
  let historyStart = -width;

  /** Computes output up to `last`, as far as `input` allows, whose first sample has the index `inputStart`. */
  const produce = (input: Float32Array, inputStart: number, last: number): Float32Array => {
    const inputEnd = inputStart + input.length;
    let end = Math.min(last, Math.ceil(((inputEnd - taps + width + 1) * phases) / step) + 1);
    while (end > produced && firstInput(end - 1) + taps > inputEnd) end--;
    const output = new Float32Array(Math.max(0, end - produced));
    for (let i = 0; i < output.length; i++) {
      const n = produced + i;
      const at = firstInput(n) - inputStart;
      const kernel = kernelOf(n % phases);
      let sum = 0;
      for (let k = 0; k < taps; k++) sum += kernel[k]! * input[at + k]!;
      output[i] = sum;
    }
    produced += output.length;
    return output;
  };

  return {
    push(samples) {
      const input = concatenate([history, samples]);
      received += samples.length;
      const output = produce(input, historyStart, Infinity);
      const keep = Math.min(Math.max(firstInput(produced) - historyStart, 0), input.length);
      history = input.slice(keep);
      historyStart += keep;
      return output;
    },
    end() {
      const input = concatenate([history, new Float32Array(taps + step)]); // zeros after the clip
      return produce(input, historyStart, Math.ceil((received * phases) / step));
    },
  };
}

interface SincKernel {
  readonly taps: number;
  readonly width: number;
  /** The taps of a phase p, for inputs from ⌊p · step / phases⌋ - width on; all others of upstream's table are 0. */
  readonly kernelOf: (phase: number) => Float32Array;
}

/** Taps are computed when a phase is first met: odd rates have thousands of phases. */
function sincKernel(step: number, phases: number): SincKernel {
  const base = Math.min(step, phases) * ROLL_OFF;
  const width = Math.ceil((ZERO_CROSSINGS * step) / base);
  const taps = 2 * width + 2;
  const kernels: Float32Array[] = [];
  const compute = (p: number): Float32Array => {
    const kernel = new Float32Array(taps);
    const shift = Math.fround(-p / phases); // upstream forms this one term in float32
    const first = Math.floor((p * step) / phases) - width;
    for (let k = 0; k < taps; k++) {
      const t = (shift + (first + k) / step) * base;
      if (Math.abs(t) >= ZERO_CROSSINGS) continue;
      const window = Math.cos((t * Math.PI) / ZERO_CROSSINGS / 2) ** 2;
      const sinc = t === 0 ? 1 : Math.sin(t * Math.PI) / (t * Math.PI);
      kernel[k] = sinc * (window * (base / step));
    }
    return kernel;
  };
  return { taps, width, kernelOf: (phase) => (kernels[phase] ??= compute(phase)) };
}

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b);
}
