/**
 * Decodes a RIFF file up to the next file behind it: all of its data chunks, and the samples behind them that no chunk
 * claims, which a writer leaves that could not correct its header. Another RIFF file may start in the middle of a data
 * chunk, where a file that was cut or streamed is followed by another one.
 */
import { AudioError } from "../errors.ts";
import { readUpTo } from "../platform/bytes.ts";
import type { ByteSource } from "../platform/bytes.ts";
import type { AudioPiece } from "../platform/platform.ts";
import type { PartEnd } from "./decoder.ts";
import { leftOut } from "./findings.ts";
import { MAX_WAV_CHUNKS, PIECE_SAMPLES } from "./limits.ts";
import { startsRiff } from "./signatures.ts";
import { partAt, sniffBehind } from "./sniff.ts";
import { afterTags } from "./tags.ts";
import { samplesOf, shortfall } from "./wav.ts";
import { chunkAt, dataLength, isPlaceholder, readFormat, readWavHeader } from "./wav-header.ts";
import type { WavFormat, WavHeader } from "./wav-header.ts";

/** Bytes behind the data that are no chunk are samples if they last as long as this, in seconds. */
const LEAST_REST = 0.01;

/** Bytes of `RIFF`, a length and `WAVE`. */
const RIFF_BYTES = 12;

/** What is behind a data chunk: another one, samples outside of any chunk, or the end of the RIFF file. */
type Next =
  | { readonly kind: "data" | "rest"; readonly header: WavHeader }
  | { readonly kind: "end"; readonly end: number; readonly lost?: string };

export async function* decodeWav(source: ByteSource): AsyncGenerator<AudioPiece, PartEnd> {
  let truncated = false;
  const warnings: string[] = [];
  let header = await readWavHeader(source);
  for (let isRest = false; ;) {
    const { dataOffset, frameBytes, sampleRate } = header;
    const promised = header.dataLength ?? Infinity;
    const end = yield* samples(source, header);
    const present = end - dataOffset;
    const next: Next = present < promised ? { kind: "end", end } : await behindData(source, header);
    const short = next.kind === "rest" ? { truncated: false, warnings: [] } : shortfall(header, present);
    truncated ||= short.truncated;
    warnings.push(...short.warnings);
    if (isRest) {
      const seconds = (present / frameBytes / sampleRate).toFixed(2);
      warnings.push(`the header promises less audio than there is: the ${seconds} s behind it were read too`);
    }
    if (next.kind === "end") {
      if (next.lost !== undefined) warnings.push(next.lost);
      return { truncated: truncated || next.lost !== undefined, warnings, end: next.end };
    }
    isRest = next.kind === "rest" && !isPlaceholder(promised);
    header = next.header;
  }
}

/** The samples of one data chunk. Returns the offset behind them. */
async function* samples(source: ByteSource, header: WavHeader): AsyncGenerator<AudioPiece, number> {
  const { sampleRate, frameBytes, dataOffset } = header;
  const bytes = header.dataLength ?? Infinity;
  const pieceBytes = Math.ceil(PIECE_SAMPLES / header.channels) * frameBytes;
  for (let start = 0; start < bytes;) {
    const wanted = Math.min(pieceBytes, bytes - start);
    const block = await readUpTo(source, dataOffset + start, wanted + RIFF_BYTES);
    const riff = findRiff(block, wanted);
    const piece = block.subarray(0, Math.min(wanted, riff ?? block.length));
    const channels = await samplesOf(source.name, piece, header, start / frameBytes);
    if (channels[0]!.length > 0) yield { channels, sampleRate };
    start += piece.length;
    if (piece.length < wanted) return dataOffset + start;
  }
  return dataOffset + bytes;
}

/** Where a RIFF file starts among the first `length` bytes. */
function findRiff(block: Uint8Array, length: number): number | undefined {
  for (let at = block.indexOf(0x57); at >= 0 && at < length + 8; at = block.indexOf(0x57, at + 1)) {
    if (at >= 8 && startsRiff(block, at - 8)) return at - 8; // W of WAVE, which is rarer than R
  }
  return undefined;
}

async function behindData(source: ByteSource, header: WavHeader): Promise<Next> {
  const length = header.dataLength!;
  const end = header.dataOffset + length;
  let format: WavFormat = header;
  let at = end;
  let odd = length % 2 === 1;
  try {
    for (let chunks = 0; chunks < MAX_WAV_CHUNKS; chunks++) {
      const place = (odd ? await look(source, at + 1) : undefined) ?? (await look(source, at));
      if (place === undefined) break;
      if (place === "end") return { kind: "end", end: at };
      const { id, body } = place;
      if (id === "fmt ") format = await readFormat(source, body, place.length);
      if (id === "data") {
        const bytes = await dataLength(source, body, place.length);
        return { kind: "data", header: { ...format, dataOffset: body, dataLength: bytes } };
      }
      at = body + place.length;
      odd = place.length % 2 === 1;
    }
  } catch (error) {
    if (!(error instanceof AudioError)) throw error;
    return await lost(source, at, error.message.replace(`${source.name}: `, ""));
  }
  const { frameBytes, sampleRate } = header;
  const least = Math.ceil(LEAST_REST * sampleRate) * frameBytes;
  if (at !== end || (await readUpTo(source, end, least)).length < least) return { kind: "end", end: at };
  const dataOffset = end - (length % frameBytes); // the samples go on from the last whole frame
  return { kind: "rest", header: { ...header, dataOffset, dataLength: undefined } };
}

/** The end of the part where its chunk at `from` cannot be read, nor what follows, up to another file. */
async function lost(source: ByteSource, from: number, why: string): Promise<Next> {
  const end = (await sniffBehind(source, from + 1))?.offset ?? source.size;
  const format = await readUpTo(source, from + 8, 12); // with bytes per second, whatever the encoding
  const byteRate = format.length < 12 ? 0 : new DataView(format.buffer).getUint32(8, true);
  const seconds = byteRate > 0 ? (end - from) / byteRate : undefined;
  return { kind: "end", end, lost: leftOut(from, end - from, seconds, why) };
}

/** The chunk at `at`; "end" where the file, or this part of it, ends; undefined for other bytes. */
async function look(
  source: ByteSource,
  at: number,
): Promise<{ readonly id: string; readonly length: number; readonly body: number } | "end" | undefined> {
  const start = await afterTags(source, at);
  await source.reach?.(start + 1);
  if (start >= source.size || (await partAt(source, start)) !== undefined) return "end";
  const chunk = await chunkAt(source, at);
  return chunk === undefined ? undefined : { ...chunk, body: at + 8 };
}
