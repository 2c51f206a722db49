/**
 * Parses the chunks of a RIFF, RF64 or BW64 file: where its samples are and how they are encoded
 * (Microsoft's WAVEFORMATEX and WAVEFORMATEXTENSIBLE, EBU Tech 3306 for more than 4 GiB).
 * Sizes in the file are bounded by the file's own size. Ambiguous files are refused; assumptions become warnings.
 */
import { AudioError } from "../errors.ts";
import { checkShape } from "./decoder.ts";
import { MAX_FMT_BYTES, MAX_WAV_CHUNKS } from "./limits.ts";
import { readUpTo } from "../platform/bytes.ts";
import type { ByteSource } from "../platform/bytes.ts";

type WavEncoding = "integer" | "float" | "a-law" | "mu-law";

export interface WavHeader {
  readonly encoding: WavEncoding;
  /** Bits of the container of a sample: 8, 16, 24, 32 or 64. */
  readonly bits: number;
  readonly channels: number;
  readonly sampleRate: number;
  /** Bytes of one frame, all channels. */
  readonly frameBytes: number;
  readonly dataOffset: number;
  /** `Infinity` where neither the header nor the source gives a length. */
  readonly frames: number;
  readonly truncated: boolean;
  readonly warnings: readonly string[];
}

/** The length that a streaming writer leaves in the header: the data lasts until the file ends. */
const UNKNOWN_LENGTH = 0xffff_ffff;

const EXTENSIBLE = 0xfffe;
const encodings: Readonly<Record<number, WavEncoding>> = {
  1: "integer",
  3: "float",
  6: "a-law",
  7: "mu-law",
};
const bitsOf: Readonly<Record<WavEncoding, readonly number[]>> = {
  integer: [8, 16, 24, 32],
  float: [32, 64],
  "a-law": [8],
  "mu-law": [8],
};

/** Names for error messages; the numbers are Microsoft's registered format tags. */
const otherEncodings: Readonly<Record<number, string>> = {
  0x02: "Microsoft ADPCM",
  0x11: "IMA ADPCM",
  0x22: "TrueSpeech",
  0x31: "GSM 6.10",
  0x50: "MPEG audio",
  0x55: "MP3",
  0x92: "Dolby AC-3",
  0xff: "AAC",
  0x161: "Windows Media Audio",
};

/** The last 14 bytes of a sub-format that is a plain format tag. */
const TAG_GUID = [0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xaa, 0, 0x38, 0x9b, 0x71];

type Format = Pick<WavHeader, "encoding" | "bits" | "channels" | "sampleRate" | "frameBytes">;

/** Where the data chunk starts and how long it claims to be; undefined where the writer did not know. */
interface Data {
  readonly offset: number;
  readonly length: number | undefined;
}

export async function readWavHeader(source: ByteSource): Promise<WavHeader> {
  const where = source.name;
  const head = await view(source, 0, 12);
  if (head.byteLength < 12) malformed(where, `${head.byteLength} bytes`, "a header of 12 bytes");
  const container = name(head, 0);
  const form = name(head, 8);
  if (form !== "WAVE") {
    throw new AudioError("unsupported_encoding", where, `a RIFF file of type ${JSON.stringify(form)}`, {
      wanted: "WAVE",
    });
  }

  let format: Format | undefined;
  let data: Data | undefined;
  let longLength: number | undefined; // of the data chunk, from ds64
  let offset = 12;
  for (let chunks = 0; offset + 8 <= source.size && !(format && data); chunks++) {
    if (chunks === MAX_WAV_CHUNKS) malformed(where, `more than ${MAX_WAV_CHUNKS} chunks before the samples`);
    const header = await view(source, offset, 8);
    if (header.byteLength < 8) break; // a stream ended here
    const id = name(header, 0);
    const length = header.getUint32(4, true);
    const body = offset + 8;
    if (id === "ds64") longLength = await readDs64(source, body, length);
    if (id === "fmt ") {
      if (format !== undefined) malformed(where, "two fmt chunks", "one");
      format = await readFormat(source, body, length);
    }
    if (id === "data") {
      if (data !== undefined) malformed(where, "two data chunks before the fmt chunk", "one");
      data = { offset: body, length: await dataLength(source, body, length, container, longLength) };
      if (data.length === undefined) break;
    }
    const skip = id === "data" ? data!.length! : length;
    offset = body + skip + (skip % 2); // chunks start at even offsets
  }
  if (format === undefined) malformed(where, "no fmt chunk before the end", "one fmt chunk");
  if (data === undefined) malformed(where, "no data chunk", "one data chunk");
  return measure(source, format, data);
}

/** The declared length of the data chunk, or undefined if the writer did not fill it in. */
async function dataLength(
  source: ByteSource,
  body: number,
  length: number,
  container: string,
  longLength: number | undefined,
): Promise<number | undefined> {
  if (length === UNKNOWN_LENGTH && container !== "RIFF") {
    if (longLength === undefined) malformed(source.name, `${container} without a ds64 chunk before its data`);
    return longLength;
  }
  if (length === UNKNOWN_LENGTH) return undefined;
  if (length > 0 || body >= source.size) return length;
  // Zero: either the chunk is empty and another one follows, or the rest of the file is the samples.
  const next = await view(source, body, 8);
  const follows = next.byteLength === 8 && /^[ -~]{4}$/.test(name(next, 0));
  return follows && body + 8 + next.getUint32(4, true) <= source.size ? 0 : undefined;
}

function measure(source: ByteSource, format: Format, data: Data): WavHeader {
  const present = Math.max(0, source.size - data.offset);
  const warnings: string[] = [];
  if (data.length === undefined) {
    const all = present === Infinity ? "all bytes" : `all ${present} bytes`;
    warnings.push(`the header does not give the length of the audio; ${all} to the end were read`);
  } else if (data.length > present) {
    warnings.push(`the file ends early: ${present} of ${data.length} bytes of audio are present`);
  }
  const bytes = Math.min(data.length ?? present, present);
  const frames = Math.floor(bytes / format.frameBytes);
  if (frames === 0) {
    throw new AudioError("audio_empty", source.name, `${bytes} bytes of audio`, {
      wanted: "at least one sample",
    });
  }
  if (bytes !== Infinity && bytes % format.frameBytes !== 0) {
    warnings.push(`the last ${bytes % format.frameBytes} bytes are not a whole frame and were left out`);
  }
  const truncated = data.length === undefined || data.length > present;
  return { ...format, dataOffset: data.offset, frames, truncated, warnings };
}

async function readDs64(source: ByteSource, body: number, length: number): Promise<number> {
  const ds64 = await view(source, body, 24);
  if (length < 24 || ds64.byteLength < 24)
    malformed(source.name, "a ds64 chunk that is too short", "24 bytes");
  const bytes = ds64.getBigUint64(8, true);
  if (bytes > BigInt(Number.MAX_SAFE_INTEGER))
    malformed(source.name, `a data length of ${bytes} bytes in ds64`);
  return Number(bytes);
}

async function readFormat(source: ByteSource, body: number, length: number): Promise<Format> {
  const where = `${source.name}: fmt`;
  if (length > MAX_FMT_BYTES) malformed(where, `${length} bytes`, `at most ${MAX_FMT_BYTES}`);
  const fmt = await view(source, body, Math.min(length, 40));
  if (fmt.byteLength < 16) malformed(where, `${fmt.byteLength} bytes`, "at least 16");
  const tag = fmt.getUint16(0, true);
  const channels = fmt.getUint16(2, true);
  const sampleRate = fmt.getUint32(4, true);
  const frameBytes = fmt.getUint16(12, true);
  const declaredBits = fmt.getUint16(14, true);
  const encoding = encodings[tag === EXTENSIBLE ? subFormat(fmt, where) : tag];
  if (encoding === undefined) refuseTag(where, tag);
  checkShape(where, sampleRate, channels);

  const whole = encoding === "integer" && declaredBits >= 8;
  const bits = whole ? 8 * Math.ceil(declaredBits / 8) : declaredBits; // 20 bits are left-aligned in 24
  if (!bitsOf[encoding].includes(bits)) {
    throw new AudioError("unsupported_encoding", where, `${encoding} samples of ${declaredBits} bits`, {
      wanted: `${bitsOf[encoding].join(", ")} bits`,
    });
  }
  if (frameBytes !== (channels * bits) / 8) {
    malformed(
      where,
      `${channels} × ${declaredBits} bits in a frame of ${frameBytes} bytes`,
      `${(channels * bits) / 8}`,
    );
  }
  return { encoding, bits, channels, sampleRate, frameBytes };
}

/** The format tag inside an extensible header, which `wavefile` does not read. */
function subFormat(fmt: DataView, where: string): number {
  if (fmt.byteLength < 40) malformed(where, `extensible, but only ${fmt.byteLength} bytes`, "40");
  const plain = TAG_GUID.every((byte, i) => fmt.getUint8(26 + i) === byte);
  if (!plain) {
    throw new AudioError("unsupported_encoding", where, "an extensible format of an unknown family", {
      wanted: "integer, float, A-law or mu-law samples",
    });
  }
  const tag = fmt.getUint16(24, true);
  if (encodings[tag] === undefined) refuseTag(where, tag);
  return tag;
}

function refuseTag(where: string, tag: number): never {
  const known = otherEncodings[tag];
  const found = `format tag 0x${tag.toString(16)}${known === undefined ? "" : ` (${known})`}`;
  throw new AudioError("unsupported_encoding", where, found, {
    wanted: "integer, float, A-law or mu-law samples",
  });
}

function malformed(where: string, found: string, wanted?: string): never {
  throw new AudioError("audio_malformed", where, found, wanted === undefined ? {} : { wanted });
}

async function view(source: ByteSource, offset: number, length: number): Promise<DataView> {
  const bytes = await readUpTo(source, offset, length);
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function name(view: DataView, offset: number): string {
  return String.fromCharCode(...[0, 1, 2, 3].map((i) => view.getUint8(offset + i)));
}
