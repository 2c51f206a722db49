/**
 * MP3 (MPEG-1, 2 and 2.5, layer III) through mpg123 in WebAssembly. Frames are parsed here: only whole frames of one
 * format reach the decoder, and their number gives the expected number of samples. Tags are skipped.
 * Refuses free-format streams, which no encoder of the last decades writes.
 */
import { AudioError } from "../errors.ts";
import { decodeParts, shortfall } from "./compressed.ts";
import type { AudioEnd, AudioPiece } from "../platform/platform.ts";
import { readUpTo } from "../platform/bytes.ts";
import type { ByteSource } from "../platform/bytes.ts";

interface Mp3Header {
  /** Version, layer and rate, which must not change. */
  readonly format: number;
  readonly bytes: number;
  readonly samples: number;
  /** Where the table of contents ("Xing") of a first frame would be. */
  readonly table: number;
}

/** Counts over the frames so far. */
interface Walk {
  frames: number;
  samples: number;
  /** Frames according to the table of contents. */
  promised: number;
  skipped: number;
  /** The last frame is not whole. */
  cut: boolean;
}

const READ_BYTES = 2 ** 16;
const kiloBits = {
  mpeg1: [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
  mpeg2: [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
} as const;
const sampleRates = [44_100, 48_000, 32_000] as const;

/** Frames that the decoder may cut off: the encoder's delay and padding. */
const TRIMMED_FRAMES = 4;

export async function* decodeMp3(source: ByteSource): AsyncGenerator<AudioPiece, AudioEnd> {
  const walk: Walk = { frames: 0, samples: 0, promised: 0, skipped: 0, cut: false };
  const create = async () => new (await import("mpg123-decoder")).MPEGDecoder();
  const tally = yield* decodeParts(source.name, create, wholeFrames(source, walk));
  const { frames, samples, promised, skipped, cut } = walk;
  if (frames === 0) {
    throw new AudioError("audio_malformed", source.name, "no MP3 frame", {
      wanted: "frames of a fixed bit rate",
    });
  }
  const warnings = shortfall(Math.max(0, samples - (TRIMMED_FRAMES * samples) / frames), tally);
  if (frames < promised) warnings.push(`the file ends early: ${frames} of ${promised} frames are present`);
  else if (cut) warnings.push("the file ends in the middle of a frame");
  const truncated = warnings.length > 0;
  if (skipped > 0) warnings.push(`${skipped} bytes between the frames were skipped`);
  return { truncated, warnings };
}

/** Yields runs of whole frames. */
async function* wholeFrames(source: ByteSource, walk: Walk): AsyncGenerator<Uint8Array> {
  let format: number | undefined;
  let synced = false; // whether a frame ended here
  let pos = 0;
  for (let at = 0; at < source.size; at += pos) {
    const block = await readUpTo(source, at, READ_BYTES);
    const last = block.length < READ_BYTES || at + READ_BYTES >= source.size;
    let run = 0;
    for (pos = 0; pos + 4 <= block.length;) {
      const header = parseHeader(block, pos, format);
      const trusted = header !== undefined && (synced || follows(block, pos + header.bytes, header.format));
      if (trusted && pos + header.bytes > block.length) {
        walk.cut = last;
        break;
      }
      if (trusted) {
        count(walk, format === undefined, block.subarray(pos, pos + header.bytes), header);
        format = header.format;
        synced = true;
        pos += header.bytes;
        continue;
      }
      if (pos > run) yield block.subarray(run, pos);
      const tag = tagLength(block, pos);
      walk.skipped += tag > 0 ? 0 : 1;
      synced = tag > 0;
      pos += tag > 0 ? tag : 1;
      run = pos;
    }
    if (pos > run) yield block.subarray(run, pos);
    if (last) return;
  }
}

/** The header at `pos`, or undefined where there is none of the file's format. */
function parseHeader(block: Uint8Array, pos: number, wanted: number | undefined): Mp3Header | undefined {
  const [sync, kind, rates, mode] = block.subarray(pos, pos + 4) as unknown as [
    number,
    number,
    number,
    number,
  ];
  const version = (kind >> 3) & 3; // 0: 2.5, 2: 2, 3: 1
  const rateIndex = (rates >> 2) & 3;
  const isHeader = sync === 0xff && (kind & 0xe6) === 0xe2 && version !== 1 && rateIndex !== 3;
  const format = (kind & 0x1e) * 4 + rateIndex;
  if (!isHeader || (wanted !== undefined && wanted !== format)) return undefined;
  const mpeg1 = version === 3;
  const kilo = (mpeg1 ? kiloBits.mpeg1 : kiloBits.mpeg2)[rates >> 4] ?? 0;
  if (kilo === 0) return undefined;
  const rate = sampleRates[rateIndex]! / (mpeg1 ? 1 : version === 2 ? 2 : 4);
  const samples = mpeg1 ? 1152 : 576;
  const mono = mode >> 6 === 3;
  const sideInfo = mpeg1 ? (mono ? 17 : 32) : mono ? 9 : 17;
  const bytes = Math.floor((samples / 8) * ((kilo * 1000) / rate)) + ((rates >> 1) & 1);
  return { format, bytes, samples, table: 4 + sideInfo };
}

/** Whether another frame starts at `pos`, or lies beyond the block: a single header may be chance. */
function follows(block: Uint8Array, pos: number, format: number): boolean {
  return pos + 4 > block.length || parseHeader(block, pos, format) !== undefined;
}

/** Counts a frame. The first may be a table of contents without audio, which has the number of frames. */
function count(walk: Walk, first: boolean, frame: Uint8Array, { samples, table }: Mp3Header): void {
  const name = String.fromCharCode(...frame.subarray(table, table + 4));
  if (first && (name === "Xing" || name === "Info")) {
    const fields = new DataView(frame.buffer, frame.byteOffset + table, frame.length - table);
    if (fields.byteLength >= 12 && (fields.getUint32(4) & 1) === 1) walk.promised = fields.getUint32(8);
    return;
  }
  walk.frames++;
  walk.samples += samples;
}

/** The length of an ID3v1, APE or ID3v2 tag at `pos`; 0 where there is none. */
function tagLength(block: Uint8Array, pos: number): number {
  const head = block.subarray(pos, pos + 32);
  const text = String.fromCharCode(...head);
  if (text.startsWith("TAG")) return 128;
  if (text.startsWith("APETAGEX") && head.length === 32) {
    return 32 + new DataView(head.buffer, head.byteOffset).getUint32(12, true);
  }
  if (text.startsWith("ID3") && head.length === 32) {
    return 10 + head.subarray(6, 10).reduce((sum, byte) => sum * 128 + (byte & 127), 0);
  }
  return 0;
}
