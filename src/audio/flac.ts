/**
 * FLAC (RFC 9639), bare or in Ogg, through libFLAC in WebAssembly. The samples are bit-equal to those of the WAV file
 * that was compressed: the decoder divides by 2ⁿ⁻¹ - 1, which is reversed here.
 */
import { AudioError } from "../errors.ts";
import { decodeParts, shortfall } from "./compressed.ts";
import { checkShape } from "./decoder.ts";
import type { AudioEnd, AudioPiece } from "../platform/platform.ts";
import { readUpTo } from "../platform/bytes.ts";
import type { ByteSource } from "../platform/bytes.ts";

interface StreamInfo {
  readonly bits: number;
  readonly channels: number;
  /** 0 where the file does not say. */
  readonly samples: number;
}

const READ_BYTES = 2 ** 16;

/** Samples that one call of the decoder may produce, over all channels: 64 MiB as float32. */
const MAX_PART_SAMPLES = 2 ** 24;

export async function* decodeFlac(source: ByteSource): AsyncGenerator<AudioPiece, AudioEnd> {
  const { bits, channels, samples } = await readStreamInfo(source);
  const scale = 2 ** (bits - 1);
  const integers = (values: Float32Array): void => {
    for (let i = 0; i < values.length; i++) values[i] = Math.round(values[i]! * (scale - 1)) / scale;
  };
  const create = async () => new (await import("@wasm-audio-decoders/flac")).FLACDecoder();
  const tally = yield* decodeParts(source.name, create, closedParts(source, channels), integers);
  const warnings = shortfall(samples, tally);
  return { truncated: warnings.length > 0, warnings };
}

/** Parses the first metadata block, which is mandatory. */
async function readStreamInfo(source: ByteSource): Promise<StreamInfo> {
  const head = await readUpTo(source, 0, 128);
  const magic = String.fromCharCode(...head).indexOf("fLaC");
  const info = head.subarray(magic + 8, magic + 8 + 34);
  if (magic < 0 || info.length < 34 || (head[magic + 4]! & 0x7f) !== 0) {
    throw new AudioError("audio_malformed", source.name, "no STREAMINFO block at the start", {
      wanted: "fLaC and then the block of 34 bytes",
    });
  }
  const fields = new DataView(info.buffer, info.byteOffset, info.byteLength);
  const packed = fields.getBigUint64(10);
  const take = (shift: bigint, width: bigint): number => Number((packed >> shift) & ((1n << width) - 1n));
  const channels = take(41n, 3n) + 1;
  checkShape(source.name, take(44n, 20n), channels);
  const bits = take(36n, 5n) + 1;
  if (bits < 4 || bits > 24) {
    throw new AudioError("unsupported_encoding", source.name, `FLAC of ${bits} bits`, {
      wanted: "4 to 24 bits",
    });
  }
  return { bits, channels, samples: take(0n, 36n) };
}

/** The longest possible frame header (RFC 9639, section 9.1). */
const FRAME_HEADER_BYTES = 16;

/**
 * The decoder emits a frame when it finds the header of the next, and its flush loses the last frame of about every
 * fourth file. Appending the header of the first frame to the file makes it emit the last one.
 */
async function* closedParts(source: ByteSource, channels: number): AsyncGenerator<Uint8Array> {
  const start = await firstFrame(source);
  const header = start === undefined ? undefined : await readUpTo(source, start, FRAME_HEADER_BYTES);
  yield* boundedParts(source, channels);
  if (header !== undefined) yield header;
}

/** Where the metadata blocks of a bare FLAC file end; in Ogg the pages delimit the frames. */
async function firstFrame(source: ByteSource): Promise<number | undefined> {
  const magic = await readUpTo(source, 0, 4);
  if (String.fromCharCode(...magic) !== "fLaC") return undefined;
  let at = 4;
  while (at + 4 <= source.size) {
    const [flags, high, middle, low] = (await readUpTo(source, at, 4)) as unknown as [
      number,
      number,
      number,
      number,
    ];
    at += 4 + (high << 16) + (middle << 8) + low;
    if (flags >= 0x80) return at;
  }
  return undefined;
}

/**
 * Cuts the file so that the frame headers of a part announce a bounded number of samples: a few bytes of FLAC may stand
 * for 65,536 equal samples in each of eight channels. Every byte sequence that looks like a header counts.
 */
async function* boundedParts(source: ByteSource, channels: number): AsyncGenerator<Uint8Array> {
  const limit = MAX_PART_SAMPLES / channels;
  for (let at = 0; at < source.size; at += READ_BYTES) {
    const block = await readUpTo(source, at, READ_BYTES);
    if (block.length === 0) return; // a stream ended here
    let start = 0;
    let announced = 0;
    for (let i = 0; i < block.length; i++) {
      if (block[i] !== 0xff || ((block[i + 1] ?? 0xf8) & 0xfe) !== 0xf8) continue;
      announced += blockSize(block[i + 2]);
      if (announced <= limit) continue;
      if (i > start) yield block.subarray(start, i);
      start = i;
      announced = blockSize(block[i + 2]);
    }
    yield block.subarray(start);
  }
}

/** The samples that the third byte of a frame header announces, at most (RFC 9639, table 14). */
function blockSize(byte: number | undefined): number {
  const code = byte === undefined ? 7 : byte >> 4;
  if (code === 0 || code === 7) return 65_536;
  if (code === 1) return 192;
  if (code === 6) return 256;
  return code < 6 ? 144 << code : 1 << code;
}
