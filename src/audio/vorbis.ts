/**
 * Ogg Vorbis through libvorbis in WebAssembly. Pages (RFC 3533) are parsed here: only whole pages of the first stream
 * reach the decoder, one at a time, and the last one gives the expected number of samples.
 */
import { AudioError } from "../errors.ts";
import { decodeParts, shortfall } from "./compressed.ts";
import { checkShape } from "./decoder.ts";
import type { AudioEnd, AudioPiece } from "../platform/platform.ts";
import { readUpTo } from "../platform/bytes.ts";
import type { ByteSource } from "../platform/bytes.ts";

/** A page holds at most 255 packets of 8,192 samples: 8 channels keep it below 70 MB. */
const MAX_VORBIS_CHANNELS = 8;

const PAGE_HEADER = 27;
const MAX_PAGE = PAGE_HEADER + 255 + 255 * 255;
const UNKNOWN_POSITION = 0xffff_ffff_ffff_ffffn;

/** State over the pages so far. */
interface Walk {
  /** Samples up to the end of the last page. */
  promised: number;
  ended: boolean;
  faults: string[];
}

export async function* decodeVorbis(source: ByteSource): AsyncGenerator<AudioPiece, AudioEnd> {
  await checkIdentification(source);
  const walk: Walk = { promised: 0, ended: false, faults: [] };
  const create = async () => new (await import("@wasm-audio-decoders/ogg-vorbis")).OggVorbisDecoder();
  const tally = yield* decodeParts(source.name, create, pages(source, walk));
  const warnings = [...shortfall(walk.promised, tally), ...walk.faults];
  if (!walk.ended) warnings.push("the file has no last page: it ends early");
  return { truncated: warnings.length > 0, warnings };
}

/** The first packet: `\x01vorbis`, version 0, channels, rate. */
async function checkIdentification(source: ByteSource): Promise<void> {
  const head = await readUpTo(source, 28, 30);
  if (head.length < 30) {
    throw new AudioError("audio_malformed", source.name, "cut inside the first page", {
      wanted: "30 bytes more",
    });
  }
  const fields = new DataView(head.buffer, head.byteOffset, head.byteLength);
  const channels = fields.getUint8(11);
  checkShape(source.name, fields.getUint32(12, true), channels);
  if (fields.getUint32(7, true) !== 0 || channels > MAX_VORBIS_CHANNELS) {
    const found = `Vorbis version ${fields.getUint32(7, true)} with ${channels} channels`;
    throw new AudioError("unsupported_encoding", source.name, found, {
      wanted: `version 0 and at most ${MAX_VORBIS_CHANNELS} channels`,
    });
  }
}

async function* pages(source: ByteSource, walk: Walk): AsyncGenerator<Uint8Array> {
  let serial: number | undefined;
  let sequence = 0;
  for (let at = 0; at < source.size && !walk.ended;) {
    const block = await readUpTo(source, at, MAX_PAGE);
    const length = pageLength(block);
    if (length === undefined || length > block.length) {
      walk.faults.push(`no whole page at byte ${at}`);
      const next = nextPage(block);
      if (next === undefined) return;
      at += next;
      continue;
    }
    at += length;
    const page = block.subarray(0, length);
    const fields = new DataView(page.buffer, page.byteOffset, page.byteLength);
    serial ??= fields.getUint32(14, true);
    if (fields.getUint32(14, true) !== serial) continue; // another stream: pictures, text
    if (fields.getUint32(22, true) !== checksum(page)) {
      walk.faults.push(`the page at byte ${at - length} fails its checksum`);
      continue;
    }
    const number = fields.getUint32(18, true);
    if (number !== sequence) walk.faults.push(`page ${sequence} is missing`);
    sequence = number + 1;
    const position = fields.getBigUint64(6, true);
    if (position !== UNKNOWN_POSITION) walk.promised = Number(position);
    walk.ended = (page[5]! & 4) !== 0;
    yield page;
  }
}

/** The length of the page from its lacing table; undefined where no page starts. */
function pageLength(block: Uint8Array): number | undefined {
  if (block.length < PAGE_HEADER || String.fromCharCode(...block.subarray(0, 5)) !== "OggS\0")
    return undefined;
  const lacing = block.subarray(PAGE_HEADER, PAGE_HEADER + block[26]!);
  if (lacing.length < block[26]!) return undefined;
  return lacing.reduce((sum, length) => sum + length, PAGE_HEADER + lacing.length);
}

/** Where the next page may start, at least one byte later. */
function nextPage(block: Uint8Array): number | undefined {
  for (let i = 1; i + 4 <= block.length; i++) {
    if (block[i] === 0x4f && block[i + 1] === 0x67 && block[i + 2] === 0x67 && block[i + 3] === 0x53)
      return i;
  }
  return block.length === MAX_PAGE ? block.length - 3 : undefined;
}

const crcTable = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 24;
  for (let bit = 0; bit < 8; bit++) crc = crc < 0 ? (crc << 1) ^ 0x04c1_1db7 : crc << 1;
  return crc >>> 0;
});

/** CRC-32 of the page with its own checksum, bytes 22 to 25, taken as zero. */
function checksum(page: Uint8Array): number {
  let crc = 0;
  for (let i = 0; i < page.length; i++) {
    const byte = i >= 22 && i < 26 ? 0 : page[i]!;
    crc = ((crc << 8) ^ crcTable[(crc >>> 24) ^ byte]!) >>> 0;
  }
  return crc;
}
