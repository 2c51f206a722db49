/** What the values of a tensor look like, computed from its bytes piece by piece. */
import { unpackRow } from "../../kernels/formats/index.ts";
import { formats } from "../../kernels/formats/table.ts";
import type { TensorEntry } from "../checkpoints/checkpoint.ts";

export interface TensorStatistics {
  readonly name: string;
  readonly shape: readonly number[];
  readonly count: number;
  /** Values that are NaN or infinite; the other figures leave them out. */
  readonly nonFinite: number;
  readonly mean: number;
  /** √(mean of squares). */
  readonly rms: number;
  /** The largest |value|. */
  readonly largest: number;
  /** The longest run of consecutive exact zeros, and where it begins. */
  readonly zeros: { readonly length: number; readonly from: number };
}

/** About as many values as are unpacked at once. */
const pieceValues = 2 ** 18;

/**
 * Reads the tensor in pieces of about a megabyte, where its container can; else as a whole. `signal` ends the reading with its
 * reason.
 */
export async function tensorStatistics(entry: TensorEntry, signal?: AbortSignal): Promise<TensorStatistics> {
  const { name, shape, format, byteLength } = entry;
  const { blockSize, blockBytes } = formats[format];
  const tally = new Tally();
  const whole = entry.readRange === undefined;
  const pieceBytes = Math.min(
    byteLength,
    whole ? byteLength : Math.floor(pieceValues / blockSize) * blockBytes,
  );
  const bytes = new Uint8Array(pieceBytes);
  const values = new Float32Array(Math.min(pieceValues, (byteLength / blockBytes) * blockSize));
  const stepBytes = (values.length / blockSize) * blockBytes;
  for (let at = 0; at < byteLength; at += pieceBytes) {
    signal?.throwIfAborted();
    const piece = bytes.subarray(0, byteLength - at);
    await (entry.readRange?.(at, piece, signal) ?? entry.read(piece, signal));
    for (let offset = 0; offset < piece.length; offset += stepBytes) {
      const count = (Math.min(stepBytes, piece.length - offset) / blockBytes) * blockSize;
      unpackRow(format, piece, offset, values, count);
      tally.add(values.subarray(0, count));
    }
  }
  return { name, shape, ...tally.result() };
}

/** Figures over values that arrive in pieces. */
export class Tally {
  #count = 0;
  #nonFinite = 0;
  #sum = 0;
  #squares = 0;
  #largest = 0;
  #run = 0;
  #longest = { length: 0, from: 0 };

  add(values: Float32Array): void {
    for (const value of values) {
      this.#count += 1;
      if (value === 0) {
        this.#run += 1;
        if (this.#run > this.#longest.length)
          this.#longest = { length: this.#run, from: this.#count - this.#run };
        continue;
      }
      this.#run = 0;
      if (!Number.isFinite(value)) {
        this.#nonFinite += 1;
        continue;
      }
      this.#sum += value;
      this.#squares += value * value;
      const size = Math.abs(value);
      if (size > this.#largest) this.#largest = size;
    }
  }

  result(): Omit<TensorStatistics, "name" | "shape"> {
    const finite = Math.max(1, this.#count - this.#nonFinite);
    return {
      count: this.#count,
      nonFinite: this.#nonFinite,
      mean: this.#sum / finite,
      rms: Math.sqrt(this.#squares / finite),
      largest: this.#largest,
      zeros: this.#longest,
    };
  }
}
