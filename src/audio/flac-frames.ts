/**
 * The whole frames of a bare FLAC stream. A frame ends where its checksum fits and the next frame starts; the last one
 * where its checksum fits and a tag, another file or nothing known follows. The stream ends there.
 */
import { readUpTo } from "../platform/bytes.ts";
import type { ByteSource } from "../platform/bytes.ts";
import { longestFrame, nextChecksum, parseFrame } from "./flac-frame.ts";
import type { FlacFrame, FrameShape } from "./flac-frame.ts";
import { MAX_JUNK_BYTES } from "./limits.ts";
import { MARK_BYTES, startsContainer, startsFrames } from "./signatures.ts";
import { partAt } from "./sniff.ts";
import { afterTags, tagLength } from "./tags.ts";

/** State over the frames so far. */
export interface FlacWalk {
  /** Samples from the first frame's start to the last one's end, by their numbers. */
  samples: number;
  damaged: number;
  /** The offset behind the stream. */
  end: number;
}

const READ_BYTES = 2 ** 18;

/** Samples that one call of the decoder may produce, over all channels: at least those of the longest frame. */
const MAX_BATCH_SAMPLES = 2 ** 19;
const MAX_BATCH_FRAMES = 16;

/** Yields frames in batches whose decoded size is bounded. `start` is where the metadata end. */
export async function* frameBatches(
  source: ByteSource,
  start: number,
  shape: FrameShape,
  walk: FlacWalk,
): AsyncGenerator<Uint8Array[]> {
  let batch: Uint8Array[] = [];
  let batchSamples = 0;
  let first: FlacFrame | undefined;
  let block: Uint8Array = new Uint8Array(0);
  let at = start; // of the block
  let pos = 0;
  for (;;) {
    let isLast = at + block.length >= source.size;
    let frame = parseFrame(block, pos, shape);
    const need = frame === undefined ? READ_BYTES >> 1 : longestFrame(frame, shape) + MARK_BYTES;
    if (block.length - pos < need && !isLast) {
      at += pos;
      pos = 0;
      block = await readUpTo(source, at, Math.max(READ_BYTES, need));
      isLast = block.length < Math.max(READ_BYTES, need) || at + block.length >= source.size;
      frame = parseFrame(block, pos, shape);
    }
    walk.end = at + pos;
    if (frame === undefined || (first !== undefined && frame.code !== first.code)) {
      const next = await resume(source, at, block, pos, shape, first);
      if (next === undefined) break;
      walk.damaged++;
      pos = next;
      continue;
    }
    first ??= frame;
    const { end, isWhole } = frameEnd(block, pos, frame, shape);
    if (isWhole) {
      if (
        batchSamples + frame.samples * shape.channels > MAX_BATCH_SAMPLES ||
        batch.length === MAX_BATCH_FRAMES
      ) {
        yield batch;
        batch = [];
        batchSamples = 0;
      }
      batch.push(block.slice(pos, end));
      batchSamples += frame.samples * shape.channels;
    } else walk.damaged++;
    const position = (of: FlacFrame): number => of.number * (of.isVariable ? 1 : first!.samples);
    walk.samples = Math.max(walk.samples, position(frame) + frame.samples - position(first));
    pos = end;
  }
  if (batch.length > 0) yield batch;
}

/** Where the frame at `pos` ends, and whether its checksum fits there. */
function frameEnd(
  block: Uint8Array,
  pos: number,
  frame: FlacFrame,
  shape: FrameShape,
): { readonly end: number; readonly isWhole: boolean } {
  const limit = Math.min(block.length, pos + longestFrame(frame, shape));
  const ends: number[] = []; // where the checksum fits, which is chance once in 65,536 bytes
  let crc = 0;
  let at = pos;
  let next: FlacFrame | undefined;
  for (; at < limit; at++) {
    const byte = block[at]!;
    if (at > pos && (byte === 0xff || startsContainer(block, at))) {
      next = byte === 0xff ? parseFrame(block, at, shape) : undefined;
      if (next?.code === frame.code && crc === 0) return { end: at, isWhole: true };
      if (byte !== 0xff || next?.code === frame.code) break; // another file, or the frame is damaged
    }
    const before = crc;
    crc = nextChecksum(crc, byte);
    if (crc === 0 && before !== 0) ends.push(at + 1); // zeros behind the frame keep it at 0
  }
  const known = ends.find((end) => isBoundary(block, end));
  let end = known ?? ends.at(-1); // junk may follow a whole frame
  if (end === undefined) return { end: at, isWhole: false };
  const least = end; // a checksum that ends in zeros fits before they are read
  while (end < least + 2 && end < limit && block[end] === 0 && !startsContainer(block, end)) end++;
  return { end, isWhole: true };
}

/** Whether the stream may end at `pos`: the file does, or a tag or another file starts. */
function isBoundary(block: Uint8Array, pos: number): boolean {
  if (startsContainer(block, pos)) return true; // one may start with zeros
  let at = pos;
  while (block[at] === 0 || block[at] === 0x0a || block[at] === 0x0d) at++;
  if (at >= block.length || tagLength(block, at) > 0) return true;
  return startsContainer(block, at) || startsFrames(block, at) !== undefined;
}

/** Where the frames go on behind `pos`, where there is none; undefined where the stream ends there. */
async function resume(
  source: ByteSource,
  at: number,
  block: Uint8Array,
  pos: number,
  shape: FrameShape,
  first: FlacFrame | undefined,
): Promise<number | undefined> {
  const start = await afterTags(source, at + pos);
  await source.reach?.(start + 1);
  if (start >= source.size || (await partAt(source, start)) !== undefined) return undefined;
  const stop = Math.min(block.length, pos + MAX_JUNK_BYTES);
  for (let next = pos + 1; next < stop; next++) {
    const frame = parseFrame(block, next, shape);
    if (frame !== undefined && (first === undefined || frame.code === first.code)) return next;
    if (startsContainer(block, next)) return undefined;
  }
  return undefined;
}
