/**
 * FLAC (RFC 9639), bare or in Ogg, through libFLAC in WebAssembly. The samples are bit-equal to those of the WAV file
 * that was compressed: the decoder divides by 2ⁿ⁻¹ - 1, which is reversed here.
 */
import { AudioError } from "../errors.ts";
import { decodePieces, shortfall } from "./compressed.ts";
import type { Decoded } from "./compressed.ts";
import { checkShape } from "./decoder.ts";
import type { PartEnd } from "./decoder.ts";
import { frameBatches } from "./flac-frames.ts";
import type { FlacWalk } from "./flac-frames.ts";
import { faultsOf, linkPages, startWalk } from "./ogg.ts";
import type { AudioPiece } from "../platform/platform.ts";
import { readUpTo } from "../platform/bytes.ts";
import type { ByteSource } from "../platform/bytes.ts";

interface StreamInfo {
  readonly bits: number;
  readonly channels: number;
  /** 0 where the file does not say. */
  readonly samples: number;
}

/** Samples that one page of Ogg or one packet may announce, over all channels: 64 MiB as float32. */
const MAX_PAGE_SAMPLES = 2 ** 24;

export async function* decodeFlac(source: ByteSource): AsyncGenerator<AudioPiece, PartEnd> {
  const info = await readStreamInfo(source);
  const integers = unscale(info.bits);
  const start = await firstFrame(source);
  return yield* start === undefined ? inOgg(source, info, integers) : bare(source, start, info, integers);
}

type Correct = (samples: Float32Array) => void;

/** What makes the decoder's samples those of the file, in place. */
export function unscale(bits: number): Correct {
  const scale = 2 ** (bits - 1);
  return (values) => {
    for (let i = 0; i < values.length; i++) values[i] = Math.round(values[i]! * (scale - 1)) / scale;
  };
}

async function* bare(
  source: ByteSource,
  start: number,
  info: StreamInfo,
  correct: Correct,
): AsyncGenerator<AudioPiece, PartEnd> {
  const walk: FlacWalk = { samples: 0, damaged: 0, end: start };
  const create = async () => {
    const decoder = new (await import("@wasm-audio-decoders/flac")).FLACDecoder();
    const decode = (frames: Uint8Array[]): Promise<Decoded> => decoder.decodeFrames(frames);
    return { ready: decoder.ready, decode, free: () => decoder.free() };
  };
  const tally = yield* decodePieces(source.name, create, frameBatches(source, start, info, walk), correct);
  const warnings = shortfall(info.samples === 0 ? walk.samples : info.samples, tally);
  if (walk.damaged > 0) warnings.push(`${walk.damaged} damaged frames were left out`);
  return { truncated: warnings.length > 0, warnings, end: walk.end };
}

async function* inOgg(
  source: ByteSource,
  info: StreamInfo,
  correct: Correct,
): AsyncGenerator<AudioPiece, PartEnd> {
  const walk = startWalk();
  const create = async () => new (await import("@wasm-audio-decoders/flac")).FLACDecoder();
  const pages = bounded(source.name, linkPages(source, walk), info.channels);
  const tally = yield* decodePieces(source.name, create, pages, correct);
  const warnings = [...shortfall(Math.max(info.samples, walk.position), tally), ...faultsOf(walk)];
  return { truncated: warnings.length > 0, warnings, end: walk.end };
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
  return source.size;
}

/**
 * Refuses a page or packet whose frame headers announce too many samples: a few bytes of FLAC may stand for 65,536 equal samples
 * in each of eight channels. Every byte sequence that looks like a header counts.
 */
export async function* bounded(
  where: string,
  pages: AsyncIterable<Uint8Array>,
  channels: number,
): AsyncGenerator<Uint8Array> {
  for await (const page of pages) {
    let announced = 0;
    for (let i = 0; i + 2 < page.length; i++) {
      if (page[i] === 0xff && (page[i + 1]! & 0xfe) === 0xf8) announced += blockSize(page[i + 2]!);
    }
    if (announced * channels > MAX_PAGE_SAMPLES) {
      throw new AudioError("audio_malformed", where, `a page or packet of ${announced} samples`, {
        wanted: `at most ${MAX_PAGE_SAMPLES / channels}`,
      });
    }
    yield page;
  }
}

/** The samples that the third byte of a frame header announces, at most (RFC 9639, table 14). */
function blockSize(byte: number): number {
  const code = byte >> 4;
  if (code === 0 || code === 7) return 65_536;
  if (code === 1) return 192;
  if (code === 6) return 256;
  return code < 6 ? 144 << code : 1 << code;
}
