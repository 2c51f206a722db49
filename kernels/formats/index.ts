/** Encoding and decoding of all storage formats, in GGML's bytes. */
import { bf16 } from "./bf16.ts";
import type { Codec } from "./codec.ts";
import { f16 } from "./f16.ts";
import { f32 } from "./f32.ts";
import { q4_0 } from "./q4_0.ts";
import { q4_1 } from "./q4_1.ts";
import { q4_k } from "./q4_k.ts";
import { q5_0 } from "./q5_0.ts";
import { q5_1 } from "./q5_1.ts";
import { q5_k } from "./q5_k.ts";
import { q6_k } from "./q6_k.ts";
import { q8_0 } from "./q8_0.ts";
import { byteLength } from "./table.ts";
import type { Format } from "./table.ts";

const codecs: Readonly<Record<Format, Codec>> = {
  F32: f32,
  F16: f16,
  BF16: bf16,
  Q8_0: q8_0,
  Q4_0: q4_0,
  Q4_1: q4_1,
  Q5_0: q5_0,
  Q5_1: q5_1,
  Q4_K: q4_k,
  Q5_K: q5_k,
  Q6_K: q6_k,
};

/**
 * Decodes `count` values, a whole number of blocks, from `bytes` at `byteOffset` into the front of `target`.
 * Rows follow each other without gaps, so one call may take many.
 */
export function unpackRow(
  format: Format,
  bytes: Uint8Array,
  byteOffset: number,
  target: Float32Array,
  count: number,
): void {
  codecs[format].unpack(bytes, byteOffset, target, count);
}

/** Encodes the first `count` of `values`, a whole number of blocks, into `bytes` at `byteOffset`. */
export function quantizeRow(
  format: Format,
  values: Float32Array,
  bytes: Uint8Array,
  byteOffset: number,
  count: number,
): void {
  codecs[format].pack(values, bytes, byteOffset, count);
}

/**
 * Decodes rows of `columns` values each, all of `bytes`, and encodes them as `to` into the front of `target`. `columns`
 * is a whole number of blocks of both formats.
 */
export function requantizeRows(
  from: Format,
  bytes: Uint8Array,
  to: Format,
  target: Uint8Array,
  columns: number,
): void {
  const row = new Float32Array(columns);
  const [readBytes, writtenBytes] = [byteLength(from, columns), byteLength(to, columns)];
  for (let read = 0, written = 0; read < bytes.length; read += readBytes, written += writtenBytes) {
    unpackRow(from, bytes, read, row, columns);
    quantizeRow(to, row, target, written, columns);
  }
}
