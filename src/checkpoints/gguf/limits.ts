/**
 * Every limit of the GGUF reader, with its reason. Each is well above what any published model of the supported
 * families needs, and low enough that a hostile file costs little. The writer obeys the same limits.
 */
export const limits = {
  /** Speech models have some 40 keys, llama.cpp's largest models some 100. */
  keys: 4_096,
  /** The longest key in use has about 60 bytes. */
  keyBytes: 256,
  /** Chat templates and license texts are the longest strings; both stay under 100 KiB. */
  stringBytes: 2 ** 20,
  /** The largest vocabularies have 256,000 entries, their merges about as many. */
  arrayLength: 2_000_000,
  /** Keys, vocabulary and tensor table together: Qwen3's take 7 MB. @huggingface/gguf holds at most 50 MB. */
  headerBytes: 40 * 2 ** 20,
  /** The largest mixture-of-experts models have some 2,000 tensors; a full Fun-ASR-Nano has 1,347. */
  tensors: 65_536,
  /** GGML_MAX_DIMS. */
  dimensions: 4,
  /** A vocabulary is the longest dimension. */
  dimension: 2 ** 32,
  /** GGML_MAX_NAME less its terminating zero. */
  tensorNameBytes: 63,
  /** The format's default is 32; page-sized alignment is the largest that makes sense. */
  alignment: { least: 8, most: 65_536, default: 32 },
} as const;
