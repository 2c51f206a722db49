/**
 * The storage formats of tensor data, under GGML's names: how many elements a block holds, and in how many bytes.
 * Source: `ggml_type` and `ggml_ftype` of ggml's `ggml.h`, `llama_ftype` of llama.cpp's `llama.h`. kernels/README.md draws
 * the layouts.
 */

interface FormatInfo {
  /** `ggml_type`, as stored in a GGUF tensor table. */
  readonly id: number;
  /** Elements per block; rows are whole numbers of blocks. */
  readonly blockSize: number;
  readonly blockBytes: number;
  /** `general.file_type` of a file whose matrices mostly have the format: by llama.cpp's numbers, and by ggml's. */
  readonly llamaFileType: number;
  readonly ggmlFileType: number;
}

const table = {
  F32: { id: 0, blockSize: 1, blockBytes: 4, llamaFileType: 0, ggmlFileType: 0 },
  F16: { id: 1, blockSize: 1, blockBytes: 2, llamaFileType: 1, ggmlFileType: 1 },
  Q4_0: { id: 2, blockSize: 32, blockBytes: 18, llamaFileType: 2, ggmlFileType: 2 },
  Q4_1: { id: 3, blockSize: 32, blockBytes: 20, llamaFileType: 3, ggmlFileType: 3 },
  Q5_0: { id: 6, blockSize: 32, blockBytes: 22, llamaFileType: 8, ggmlFileType: 8 },
  Q5_1: { id: 7, blockSize: 32, blockBytes: 24, llamaFileType: 9, ggmlFileType: 9 },
  Q8_0: { id: 8, blockSize: 32, blockBytes: 34, llamaFileType: 7, ggmlFileType: 7 },
  Q4_K: { id: 12, blockSize: 256, blockBytes: 144, llamaFileType: 14, ggmlFileType: 12 },
  Q5_K: { id: 13, blockSize: 256, blockBytes: 176, llamaFileType: 16, ggmlFileType: 13 },
  Q6_K: { id: 14, blockSize: 256, blockBytes: 210, llamaFileType: 18, ggmlFileType: 14 },
  BF16: { id: 30, blockSize: 1, blockBytes: 2, llamaFileType: 32, ggmlFileType: 24 },
} as const satisfies Readonly<Record<string, FormatInfo>>;

/** GGML's name of a storage format. */
export type Format = keyof typeof table;

export const formats: Readonly<Record<Format, FormatInfo>> = table;

/** Bits per element, those of scales and minimums included. */
export function bitsOf(format: Format): number {
  const { blockSize, blockBytes } = formats[format];
  return (8 * blockBytes) / blockSize;
}

/** Bytes of `elements` values; `elements` is a multiple of the block size. */
export function byteLength(format: Format, elements: number): number {
  const { blockSize, blockBytes } = formats[format];
  return (elements / blockSize) * blockBytes;
}

/** The format with GGML type `id`, or undefined where there is no decoder for it. */
export function formatOfId(id: number): Format | undefined {
  return (Object.keys(formats) as Format[]).find((format) => formats[format].id === id);
}
