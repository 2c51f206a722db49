/**
 * Samples of a WAV file, piece by piece. 16-bit and float samples are read through a typed-array view and, if integers,
 * divided by 32768 as Kaldi and torchaudio do. All other encodings go through `wavefile`, which gets a canonical file
 * for each piece, of a header written here and the samples, so that untrusted headers do not reach its parser.
 */
import { checkFinite } from "./decoder.ts";
import { separated } from "./mix.ts";
import { isPlaceholder, UNKNOWN_LENGTH } from "./wav-header.ts";
import type { WavEncoding, WavFormat, WavHeader } from "./wav-header.ts";

/** What to warn of where `present` bytes of a data chunk are there, up to the end of the file or of its part. */
export function shortfall(
  { dataLength, frameBytes, sampleRate }: Pick<WavHeader, "dataLength" | "frameBytes" | "sampleRate">,
  present: number,
): { truncated: boolean; warnings: string[] } {
  const warnings: string[] = [];
  const truncated = dataLength !== undefined && dataLength > present && !isPlaceholder(dataLength);
  if (truncated) {
    const seconds = ((dataLength - present) / frameBytes / sampleRate).toFixed(2);
    warnings.push(
      `the file ends early: ${present} of ${dataLength} bytes of audio are present, ${seconds} s are missing`,
    );
  }
  if (present % frameBytes !== 0) {
    warnings.push(`the last ${present % frameBytes} bytes are not a whole frame and were left out`);
  }
  return { truncated, warnings };
}

/** The whole frames in `bytes`, by channel; `from` is the first one's number, for messages. */
export async function samplesOf(
  where: string,
  bytes: Uint8Array,
  format: WavFormat,
  from: number,
): Promise<Float32Array[]> {
  const { channels, frameBytes, encoding } = format;
  const samples = await decode(bytes.subarray(0, bytes.length - (bytes.length % frameBytes)), format);
  if (encoding === "float") checkFinite(where, samples, from * channels);
  return separated(samples, channels);
}

/** Interleaved float32 samples of whole frames. */
async function decode(bytes: Uint8Array, header: WavFormat): Promise<Float32Array> {
  const { encoding, bits } = header;
  if (encoding === "integer" && bits === 16) return scaled(view(bytes, Int16Array), 2 ** -15);
  if (encoding === "float") {
    return bits === 32 ? view(bytes, Float32Array) : Float32Array.from(view(bytes, Float64Array));
  }
  // Node gives the CommonJS module as the default export; bundlers take the ES module, which has none.
  const wavefile: typeof import("wavefile") & { default?: typeof import("wavefile") } =
    await import("wavefile");
  const { WaveFile } = wavefile.default ?? wavefile;
  const file = new WaveFile(cleanFile(bytes, header));
  if (encoding === "a-law") file.fromALaw();
  if (encoding === "mu-law") file.fromMuLaw();
  const integers = file.getSamples(true).subarray(0, (8 * bytes.length) / bits); // it counts the pad byte, too
  if (encoding !== "integer") return scaled(integers, 2 ** -15);
  return bits === 8 ? scaled(integers, 2 ** -7, -128) : scaled(integers, 2 ** (1 - bits));
}

function scaled(integers: ArrayLike<number>, factor: number, offset = 0): Float32Array {
  const samples = new Float32Array(integers.length);
  for (let i = 0; i < samples.length; i++) samples[i] = (integers[i]! + offset) * factor;
  return samples;
}

type SampleArray<T> = { readonly BYTES_PER_ELEMENT: number; new (buffer: ArrayBuffer): T };

/** The bytes as numbers; a copy, because typed arrays need an aligned offset. */
function view<T>(bytes: Uint8Array, Numbers: SampleArray<T>): T {
  return new Numbers(bytes.slice().buffer);
}

/** A canonical WAV file of one piece: `RIFF`, `fmt ` and `data` only. */
function cleanFile(samples: Uint8Array, header: WavFormat): Uint8Array {
  const file = new Uint8Array(44 + samples.length + (samples.length % 2));
  file.set(cleanHeader(header, samples.length));
  file.set(samples, 44);
  return file;
}

const tags: Readonly<Record<WavEncoding, number>> = { integer: 1, float: 3, "a-law": 6, "mu-law": 7 };

/** What is before `dataLength` bytes of samples in a canonical WAV file, 44 bytes; by default for a length that is not known. */
export function cleanHeader(
  { encoding, bits, channels, sampleRate, frameBytes }: WavFormat,
  dataLength = UNKNOWN_LENGTH,
): Uint8Array {
  const header = new Uint8Array(44);
  const fields = new DataView(header.buffer);
  const text = (at: number, word: string): void => header.set(new TextEncoder().encode(word), at);
  text(0, "RIFF");
  fields.setUint32(4, Math.min(36 + dataLength + (dataLength % 2), UNKNOWN_LENGTH), true);
  text(8, "WAVEfmt ");
  fields.setUint32(16, 16, true);
  fields.setUint16(20, tags[encoding], true);
  fields.setUint16(22, channels, true);
  fields.setUint32(24, sampleRate, true);
  fields.setUint32(28, sampleRate * frameBytes, true);
  fields.setUint16(32, frameBytes, true);
  fields.setUint16(34, bits, true);
  text(36, "data");
  fields.setUint32(40, dataLength, true);
  return header;
}
