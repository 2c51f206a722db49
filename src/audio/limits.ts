/** Every limit on audio, with its reason. Two are defaults of options; real files do not reach the others. */

/** The sample rate of the models' input, in Hz. */
export const MODEL_RATE = 16_000;

/** In Hz. Speech needs telephone quality, and no recorder exceeds 384 kHz; forged rates are outside. */
export const MIN_SAMPLE_RATE = 4_000;
export const MAX_SAMPLE_RATE = 384_000;

/** More than real recordings that are mixed to one channel have. */
export const MAX_CHANNELS = 64;

/** Default of `maxSeconds` for audio that is held in memory: four hours are 922 MB of samples. */
export const DEFAULT_MAX_SECONDS = 4 * 3600;

/**
 * Default of `maxDecodedBytes`, counted as float32 at the source's rate and channels while decoding. It bounds the
 * work on a file whose forged rate makes it look short; four hours of 48 kHz stereo are 5.5 GB.
 */
export const DEFAULT_MAX_DECODED_BYTES = 8 * 2 ** 30;

/** Samples decoded at a time, over all channels: memory does not depend on the length, and other work can run between. */
export const PIECE_SAMPLES = 2 ** 16;

/** Parts of one file. A day of web radio, a link for each song, is a few hundred; each costs a decoder. */
export const MAX_PARTS = 10_000;

/** Bytes before the audio that are searched for its start; padding and junk of real files are shorter. */
export const MAX_JUNK_BYTES = 2 ** 16;

/** Bytes behind the audio that are left out without a warning: line ends and the like. */
export const MAX_QUIET_BYTES = 32;

/** Warnings of one file that are listed; others are counted. */
export const MAX_WARNINGS = 20;

/** Chunks of a RIFF file before its samples; recorders write a dozen. */
export const MAX_WAV_CHUNKS = 1_000;

/** Enough for any `fmt ` chunk: 40 bytes when extensible, more only in encodings that are refused. */
export const MAX_FMT_BYTES = 2 ** 16;

/** A cluster, or the tracks, of Matroska: it is held at once. Half a minute of uncompressed sound or of 4K video is less. */
export const MAX_CLUSTER_BYTES = 256 * 2 ** 20;

/** Elements of a Matroska file whose sizes are corrected or that are passed over: a cluster a second for days. */
export const MAX_MENDS = 1_000_000;
