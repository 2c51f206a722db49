/** Decodes a chunk of a tensor and encodes it in another format; the same in a worker and without. */
import { fastQuantizer, quantizerModule } from "../../kernels/formats/fast.ts";
import { unpackRow } from "../../kernels/formats/index.ts";
import { byteLength } from "../../kernels/formats/table.ts";
import type { Format } from "../../kernels/formats/table.ts";
import { nodeHost } from "../../kernels/runtime/wasm/hosts/node.ts";

/** A chunk of a tensor, and the format that it gets. */
export interface Chunk {
  readonly bytes: Uint8Array;
  readonly from: Format;
  readonly to: Format;
  readonly count: number;
  /** Whether to decode the result once more and compare. */
  readonly measure: boolean;
}

export interface QuantizedChunk {
  readonly bytes: Uint8Array;
  readonly deviation: Deviation;
}

/** Sums over values; those of a tensor's chunks add up. */
export interface Deviation {
  /** NaN and infinity among the values given. */
  readonly nonFinite: number;
  /** Largest |x|. */
  readonly largest: number;
  /** Σ x² and Σ (x' − x)² where x' is what was stored; 0 if not measured. */
  readonly squares: number;
  readonly errorSquares: number;
  readonly largestError: number;
}

const quantize = fastQuantizer(nodeHost.kernelBytes(quantizerModule));

/** The values of the current chunk; as large as the largest chunk so far. */
let scratch = new Float32Array(0);

export function quantizeChunk({ bytes, from, to, count, measure }: Chunk): QuantizedChunk {
  if (scratch.length < count) scratch = new Float32Array(count);
  const values = scratch.subarray(0, count);
  unpackRow(from, bytes, 0, values, count);
  const { nonFinite, largest } = survey(values);
  const unchanged = { nonFinite, largest, squares: 0, errorSquares: 0, largestError: 0 };
  if (from === to && !measure) return { bytes, deviation: unchanged };

  const encoded = from === to ? bytes : new Uint8Array(byteLength(to, count));
  if (from !== to) quantize(to, values, encoded, 0, count);
  return {
    bytes: encoded,
    deviation: measure ? { ...unchanged, ...compare(values, encoded, to) } : unchanged,
  };
}

/** Magnitudes of floats are ordered as their bits are, with infinity and NaN at the end. */
function survey(values: Float32Array): Pick<Deviation, "nonFinite" | "largest"> {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  let most = 0;
  for (let i = 0; i < bits.length; i++) {
    const magnitude = (bits[i] as number) & 0x7fffffff;
    if (magnitude > most) most = magnitude;
  }
  if (most < 0x7f800000)
    return { nonFinite: 0, largest: new Float32Array(Uint32Array.of(most).buffer)[0] as number };
  const finite = values.filter((value) => Number.isFinite(value));
  const largest = finite.reduce((magnitude, value) => Math.max(magnitude, Math.abs(value)), 0);
  return { nonFinite: values.length - finite.length, largest };
}

function compare(
  values: Float32Array,
  encoded: Uint8Array,
  format: Format,
): Pick<Deviation, "squares" | "errorSquares" | "largestError"> {
  const stored = new Float32Array(values.length);
  unpackRow(format, encoded, 0, stored, stored.length);
  let squares = 0;
  let errorSquares = 0;
  let largestError = 0;
  for (let i = 0; i < values.length; i++) {
    const x = values[i] as number;
    const error = Math.abs((stored[i] as number) - x);
    squares += x * x;
    errorSquares += error * error;
    if (error > largestError) largestError = error;
  }
  return { squares, errorSquares, largestError };
}

export const noDeviation: Deviation = {
  nonFinite: 0,
  largest: 0,
  squares: 0,
  errorSquares: 0,
  largestError: 0,
};

export function addDeviations(a: Deviation, b: Deviation): Deviation {
  return {
    nonFinite: a.nonFinite + b.nonFinite,
    largest: Math.max(a.largest, b.largest),
    squares: a.squares + b.squares,
    errorSquares: a.errorSquares + b.errorSquares,
    largestError: Math.max(a.largestError, b.largestError),
  };
}
