/** Every limit on audio, with its reason. Two of them are options of the caller; the others no real file meets. */

/** What the models listen to. */
export const MODEL_RATE = 16_000;

/** Below telephone quality nothing is understood; no recorder goes beyond 384 kHz. A forged rate ends up here. */
export const MIN_SAMPLE_RATE = 4_000;
export const MAX_SAMPLE_RATE = 384_000;

/** More than any microphone array that is mixed down to one channel. */
export const MAX_CHANNELS = 64;

/** Default of `maxSeconds` for audio that is held in memory: four hours are 922 MB of samples. */
export const DEFAULT_MAX_SECONDS = 4 * 3600;

/**
 * Default of `maxDecodedBytes`, counted as float32 at the source's rate and channels while decoding. It bounds the
 * work where a forged rate makes a long file look short; four hours of 48 kHz stereo are 5.5 GB.
 */
export const DEFAULT_MAX_DECODED_BYTES = 8 * 2 ** 30;

/** Frames decoded at a time: memory stays in the megabytes whatever the file's length. */
export const PIECE_FRAMES = 2 ** 16;

/** Chunks of a RIFF file before its samples; recorders write a dozen. */
export const MAX_WAV_CHUNKS = 1_000;

/** Enough for any `fmt ` chunk: 40 bytes when extensible, more only in encodings that are refused. */
export const MAX_FMT_BYTES = 2 ** 16;
