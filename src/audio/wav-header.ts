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

export type WavEncoding = "integer" | "float" | "a-law" | "mu-law";

export interface WavHeader {
  readonly encoding: WavEncoding;
  /** Bits of the container of a sample: 8, 16, 24, 32 or 64. */
  readonly bits: number;
  readonly channels: number;
  readonly sampleRate: number;
  /** Bytes of one frame, all channels. */
  readonly frameBytes: number;
  readonly dataOffset: number;
  /** Bytes of the data chunk by the header; undefined where the writer did not know, and the data last to the end. */
  readonly dataLength: number | undefined;
}

/** The length that ffmpeg leaves in the header of a pipe. */
export const UNKNOWN_LENGTH = 0xffff_ffff;

/**
 * Whether `length` is what programs that write to a pipe put for a length that they do not know: the greatest number of
 * 31 or 32 bits, less a header, a page or a part of a frame. sox writes 0x7ffff000, rounded down to whole frames.
 */
export function isPlaceholder(length: number): boolean {
  return (
    (length >= 0x7fff_e000 && length <= 0x8000_0000) || (length >= 0xffff_e000 && length <= UNKNOWN_LENGTH)
  );
}

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

export type WavFormat = Pick<WavHeader, "encoding" | "bits" | "channels" | "sampleRate" | "frameBytes">;

type Data = Pick<WavHeader, "dataOffset" | "dataLength">;

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

  let format: WavFormat | undefined;
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
      if (length === UNKNOWN_LENGTH && container !== "RIFF" && longLength === undefined)
        malformed(where, `${container} without a ds64 chunk before its data`);
      const long = container === "RIFF" ? undefined : longLength;
      data = { dataOffset: body, dataLength: await dataLength(source, body, length, long) };
      if (data.dataLength === undefined) break;
    }
    const skip = id === "data" ? data!.dataLength! : length;
    offset = body + skip + (skip % 2); // chunks start at even offsets
  }
  if (format === undefined) malformed(where, "no fmt chunk before the end", "one fmt chunk");
  if (data === undefined) malformed(where, "no data chunk", "one data chunk");
  return { ...format, ...data };
}

/** The length of the data chunk at `body`, or undefined if the writer did not fill it in. `long` is that of ds64. */
export async function dataLength(
  source: ByteSource,
  body: number,
  length: number,
  long?: number,
): Promise<number | undefined> {
  const bytes = length === UNKNOWN_LENGTH ? long : length;
  if (bytes !== 0) return bytes;
  // Zero: either the chunk is empty and another one follows, or the rest of the file is the samples.
  await source.reach?.(body + 1);
  return body >= source.size || (await chunkAt(source, body)) !== undefined ? 0 : undefined;
}

/** A chunk behind samples that is longer is taken for samples. */
const MAX_CHUNK_BYTES = 16 * 2 ** 20;

/** The chunk at `offset`, whole, with a printable name; undefined where there is none. */
export async function chunkAt(
  source: ByteSource,
  offset: number,
): Promise<{ readonly id: string; readonly length: number } | undefined> {
  const header = await view(source, offset, 8);
  if (header.byteLength < 8) return undefined;
  const [id, length] = [name(header, 0), header.getUint32(4, true)];
  if (!/^[ -~]{4}$/.test(id)) return undefined;
  if (id === "data") return { id, length };
  if (length > MAX_CHUNK_BYTES) return undefined;
  await source.reach?.(offset + 8 + length);
  return offset + 8 + length <= source.size ? { id, length } : undefined;
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

export async function readFormat(source: ByteSource, body: number, length: number): Promise<WavFormat> {
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
