/**
 * The storage formats of tensor data, under GGML's names: how many elements a block holds, and in how many bytes.
 * Source: ggml `ggml.h` type ids; layouts are drawn in kernels/README.md.
 */

/** GGML's name of a storage format. */
export type Format =
  | "F32"
  | "F16"
  | "BF16"
  | "Q8_0"
  | "Q4_0"
  | "Q4_1"
  | "Q5_0"
  | "Q5_1"
  | "Q4_K"
  | "Q5_K"
  | "Q6_K";

export interface FormatInfo {
  /** `ggml_type`, as stored in a GGUF tensor table. */
  readonly id: number;
  /** Elements per block; rows are whole numbers of blocks. */
  readonly blockSize: number;
  readonly blockBytes: number;
}

export const formats: Readonly<Record<Format, FormatInfo>> = {
  F32: { id: 0, blockSize: 1, blockBytes: 4 },
  F16: { id: 1, blockSize: 1, blockBytes: 2 },
  Q4_0: { id: 2, blockSize: 32, blockBytes: 18 },
  Q4_1: { id: 3, blockSize: 32, blockBytes: 20 },
  Q5_0: { id: 6, blockSize: 32, blockBytes: 22 },
  Q5_1: { id: 7, blockSize: 32, blockBytes: 24 },
  Q8_0: { id: 8, blockSize: 32, blockBytes: 34 },
  Q4_K: { id: 12, blockSize: 256, blockBytes: 144 },
  Q5_K: { id: 13, blockSize: 256, blockBytes: 176 },
  Q6_K: { id: 14, blockSize: 256, blockBytes: 210 },
  BF16: { id: 30, blockSize: 1, blockBytes: 2 },
};

/** Bytes of `elements` values; `elements` is a multiple of the block size. */
export function byteLength(format: Format, elements: number): number {
  const { blockSize, blockBytes } = formats[format];
  return (elements / blockSize) * blockBytes;
}

/** The format with GGML type `id`, or undefined where there is no decoder for it. */
export function formatOfId(id: number): Format | undefined {
  return (Object.keys(formats) as Format[]).find((format) => formats[format].id === id);
}
