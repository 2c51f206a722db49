/**
 * Where a part ends that has no decoder here, or whose decoder fails, and how long it lasts: from the sizes and rates in
 * its headers, without decoding.
 */
import { readUpTo } from "../platform/bytes.ts";
import type { ByteSource } from "../platform/bytes.ts";
import { LONGEST_FRAME } from "./audio-frames.ts";
import type { AudioFrame } from "./audio-frames.ts";
import { MAX_JUNK_BYTES } from "./limits.ts";
import { linkPages, startWalk } from "./ogg.ts";
import { MARK_BYTES, startsContainer, startsFrames } from "./signatures.ts";
import { parseFrame } from "./audio-frames.ts";
import type { Format } from "./sniff.ts";
import { isPlaceholder } from "./wav-header.ts";

/** What the headers of a part tell. */
export interface Extent {
  /** The offset behind the part, in bytes; undefined where its headers do not tell. */
  readonly end?: number | undefined;
  /** Where it should end by its headers, in a file that ends before that. */
  readonly promised?: number | undefined;
  /** Seconds of audio, for a part that ends at `end`. */
  seconds(end: number): number | undefined;
}

const UNKNOWN: Extent = { seconds: () => undefined };

/** The extent of the part that starts at the first byte of `source`. */
export async function extentOf(source: ByteSource, { name }: Pick<Format, "name">): Promise<Extent> {
  if (name === "WAV" || name === "AVI") return await ofRiff(source);
  if (name === "FLAC") return await ofFlac(source);
  if (name.startsWith("Ogg")) return await ofOgg(source);
  if (name === "MP4 or M4A") return await ofBoxes(source);
  const head = await readUpTo(source, 0, MARK_BYTES);
  const frame = startsFrames(head, 0);
  return frame === undefined ? UNKNOWN : await ofFrames(source, frame);
}

const READ_BYTES = 2 ** 18;

/** Frame after frame of the first one's format. Damage between them belongs to the part. */
async function ofFrames(source: ByteSource, first: AudioFrame): Promise<Extent> {
  let samples = 0;
  let at = 0;
  for (let block = new Uint8Array(0), start = 0; ;) {
    if (at + MARK_BYTES + MAX_JUNK_BYTES > start + block.length) {
      start = at;
      block = Uint8Array.from(await readUpTo(source, start, READ_BYTES));
    }
    const frame = parseFrame(block, at - start);
    if (frame?.format === first.format && frame.bytes <= Math.max(LONGEST_FRAME, first.bytes)) {
      samples += frame.samples;
      at += frame.bytes;
      continue;
    }
    const next = resume(block, at - start, first);
    if (next === undefined) break;
    at = start + next;
  }
  const end = Math.min(at, source.size);
  return { end, seconds: () => samples / first.rate };
}

/** Where frames of the same format go on behind `pos`, with no other file before them. */
function resume(block: Uint8Array, pos: number, first: AudioFrame): number | undefined {
  const stop = Math.min(block.length, pos + MAX_JUNK_BYTES);
  for (let at = pos; at < stop; at++) {
    const frame = startsFrames(block, at);
    if (frame !== undefined) return frame.format === first.format ? at : undefined;
    if (startsContainer(block, at)) return undefined;
  }
  return undefined;
}

async function ofRiff(source: ByteSource): Promise<Extent> {
  const riff = await view(source, 0, 12);
  const size = riff.byteLength < 8 ? 0 : riff.getUint32(4, true);
  let byteRate = 0;
  let data: { readonly start: number; readonly length: number } | undefined;
  for (let at = 12, chunks = 0; chunks < 100 && data === undefined; chunks++) {
    const head = await view(source, at, 20);
    if (head.byteLength < 8) break;
    const [id, length] = [text(head, 0), head.getUint32(4, true)];
    if (id === "fmt " && head.byteLength === 20) byteRate = head.getUint32(16, true);
    if (id === "data") data = { start: at + 8, length };
    at += 8 + length + (length % 2);
  }
  const isKnown = size > 4 && !isPlaceholder(size) && text(riff, 0) === "RIFF";
  if (isKnown) await source.reach?.(8 + size + 1);
  return {
    end: isKnown && 8 + size <= source.size ? 8 + size : undefined,
    seconds(end) {
      if (data === undefined || byteRate === 0) return undefined;
      const present = Math.max(0, end - data.start);
      const promised = data.length === 0 || isPlaceholder(data.length) ? present : data.length;
      return Math.min(present, promised) / byteRate;
    },
  };
}

async function ofFlac(source: ByteSource): Promise<Extent> {
  const info = await view(source, 18, 8); // the rate and the samples in STREAMINFO
  if (info.byteLength < 8) return UNKNOWN;
  const packed = info.getBigUint64(0);
  const [rate, samples] = [Number(packed >> 44n), Number(packed & 0xf_ffff_ffffn)];
  return { seconds: () => (rate > 0 && samples > 0 ? samples / rate : undefined) };
}

/** Where the rate stands in the first packet of a codec, and which packet that is. */
const oggRates: readonly (readonly [word: string, rate: (head: DataView) => number, skip?: number])[] = [
  ["\x01vorbis", (head) => head.getUint32(12, true)],
  ["Speex", (head) => head.getUint32(36, true)],
  ["OpusHead", () => 48_000, 10],
  ["\x7fFLAC", (head) => head.getUint32(27) >>> 12],
];

async function ofOgg(source: ByteSource): Promise<Extent> {
  const walk = startWalk();
  const pages = linkPages(source, walk);
  while ((await pages.next()).done !== true);
  const head = await view(source, 28, 48);
  if (head.byteLength < 48) return UNKNOWN;
  const known = oggRates.find(([word]) => text(head, 0, word.length) === word);
  if (known === undefined) return { ...UNKNOWN, end: walk.end };
  const [, rate, skip] = known;
  const samples = walk.position - (skip === undefined ? 0 : head.getUint16(skip, true));
  return { end: walk.end, seconds: () => Math.max(0, samples) / rate(head) };
}

/** The boxes of a file's top level (ISO/IEC 14496-12, QuickTime) that are long enough to be cut. */
const topBoxes = new Set(
  "ftyp styp moov moof mdat mfra meta free skip wide pnot uuid sidx ssix emsg prft udta PICT".split(" "),
);

/** The boxes of an MP4 or QuickTime file, up to one that starts another file. */
async function ofBoxes(source: ByteSource): Promise<Extent> {
  let at = 0;
  let seconds: number | undefined;
  for (;;) {
    const head = await view(source, at, 16);
    const name = head.byteLength < 8 ? "" : text(head, 4);
    if (!/^[ -~]{4}$/u.test(name) || (at > 0 && name === "ftyp")) break;
    if (name === "moov") seconds = await movieSeconds(source, at + 8);
    const short = head.getUint32(0);
    const length = short === 1 && head.byteLength === 16 ? Number(head.getBigUint64(8)) : short;
    if (length === 0) return { seconds: () => seconds }; // to the end of the file
    await source.reach?.(at + length);
    if (length < 8) break;
    if (at + length > source.size) {
      if (!topBoxes.has(name)) break; // no box, but a line end and another file, whose first bytes may look like one
      return { promised: at + length, seconds: () => seconds };
    }
    at += length;
  }
  return { end: at, seconds: () => seconds };
}

/** From the movie header, which is the first box in `moov`. */
async function movieSeconds(source: ByteSource, offset: number): Promise<number | undefined> {
  const head = await view(source, offset, 40);
  if (head.byteLength < 40 || text(head, 4) !== "mvhd") return undefined;
  const long = head.getUint8(8) === 1;
  const scale = head.getUint32(long ? 28 : 20);
  const duration = long ? Number(head.getBigUint64(32)) : head.getUint32(24);
  return scale > 0 && duration > 0 ? duration / scale : undefined; // 0 in fragmented files
}

async function view(source: ByteSource, offset: number, length: number): Promise<DataView> {
  const bytes = await readUpTo(source, offset, length);
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function text(view: DataView, offset: number, length = 4): string {
  const bytes = new Uint8Array(
    view.buffer,
    view.byteOffset + offset,
    Math.min(length, view.byteLength - offset),
  );
  return String.fromCharCode(...bytes);
}
