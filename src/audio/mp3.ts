/**
 * MP3 through mpg123 in WebAssembly. Frames are parsed here: only whole frames of one format reach a decoder, and their
 * number gives the expected number of samples. A part ends where the format changes, where another file's table of
 * contents stands, or where another container starts. Tags are skipped. Refuses free-format streams, which no encoder
 * of the last decades writes.
 */
import { AudioError } from "../errors.ts";
import { decodePieces, shortfall } from "./compressed.ts";
import type { PartEnd } from "./decoder.ts";
import type { AudioPiece } from "../platform/platform.ts";
import { readUpTo } from "../platform/bytes.ts";
import type { ByteSource } from "../platform/bytes.ts";
import { MAX_JUNK_BYTES } from "./limits.ts";
import { parseHeader } from "./mp3-frame.ts";
import type { Mp3Header } from "./mp3-frame.ts";
import { MARK_BYTES, nextStart, startsContainer, startsFrames } from "./signatures.ts";
import { isWholeTag, tagLength } from "./tags.ts";

/** Counts over the frames so far. */
interface Walk {
  frames: number;
  samples: number;
  /** Frames according to the table of contents. */
  promised: number;
  /** Bytes that are neither frames nor tags. */
  skipped: number;
  /** The last frame is not whole. */
  cut: boolean;
  /** The offset behind the part. */
  end: number;
}

const READ_BYTES = 2 ** 16;

/** Frames that are decoded at once: a second of most files. */
const RUN_FRAMES = 32;

/** Frames that the decoder may cut off: the encoder's delay and padding. */
const TRIMMED_FRAMES = 4;

export async function* decodeMp3(source: ByteSource): AsyncGenerator<AudioPiece, PartEnd> {
  const walk: Walk = { frames: 0, samples: 0, promised: 0, skipped: 0, cut: false, end: 0 };
  const create = async () => new (await import("mpg123-decoder")).MPEGDecoder();
  const tally = yield* decodePieces(source.name, create, wholeFrames(source, walk));
  const { frames, samples, promised, skipped, cut, end } = walk;
  if (frames === 0) {
    throw new AudioError("audio_malformed", source.name, "no MP3 frame", {
      wanted: "frames of a fixed bit rate",
    });
  }
  const warnings = shortfall(Math.max(0, samples - (TRIMMED_FRAMES * samples) / frames), tally);
  if (frames < promised) warnings.push(`the file ends early: ${frames} of ${promised} frames are present`);
  else if (cut) warnings.push("the file ends in the middle of a frame");
  const truncated = warnings.length > 0 || skipped > MAX_JUNK_BYTES;
  if (skipped > 0) warnings.push(`${skipped} bytes between the frames were skipped`);
  return { truncated, warnings, end };
}

/** Yields runs of whole frames. */
async function* wholeFrames(source: ByteSource, walk: Walk): AsyncGenerator<Uint8Array> {
  let format: number | undefined;
  let synced = true; // whether the part starts, or a frame or a tag ended here
  let pos = 0;
  for (let at = 0; at < source.size; at += pos) {
    const block = await readUpTo(source, at, READ_BYTES);
    const last = block.length < READ_BYTES || at + READ_BYTES >= source.size;
    const stop = last ? block.length - 4 : block.length - MARK_BYTES;
    let run = 0;
    let runFrames = 0;
    let ended = false;
    for (pos = 0; pos <= stop && !ended;) {
      const frame = frameAt(block, pos, format, synced);
      if (frame !== undefined) {
        ended =
          format !== undefined &&
          (frame.format !== format || (walk.frames > 0 && isTable(block, pos, frame)));
        if (ended) break;
        const end = pos + frame.bytes;
        const container = overrun(block, pos, end, last);
        if (container === undefined && end <= block.length) {
          count(walk, format === undefined, block.subarray(pos, end), frame);
          format = frame.format;
          synced = true;
          pos = end;
          if (++runFrames >= RUN_FRAMES) {
            yield block.subarray(run, pos);
            run = pos;
            runFrames = 0;
          }
          continue;
        }
        walk.cut = last || container !== undefined;
        ended = container !== undefined;
        if (!ended) break;
        if (pos > run) yield block.subarray(run, pos);
        run = pos = container!;
        break;
      }
      ended = format !== undefined && startsOther(block, pos);
      if (ended) break;
      if (pos > run) yield block.subarray(run, pos);
      const length = tagLength(block, pos);
      const tag = length > 0 && (await isWholeTag(source, at + pos, length)) ? length : 0;
      const next = tag > 0 ? pos + tag : nextStart(block, pos + 1, stop + 1);
      walk.skipped += tag > 0 ? 0 : next - pos;
      synced = tag > 0;
      pos = next;
      run = pos;
    }
    if (pos > run) yield block.subarray(run, pos);
    walk.end = ended ? at + pos : at + Math.max(pos, block.length);
    if (last || ended) return;
  }
}

/** The frame at `pos`, where more than its header says that it is one. */
function frameAt(
  block: Uint8Array,
  pos: number,
  format: number | undefined,
  synced: boolean,
): Mp3Header | undefined {
  const header = parseHeader(block, pos);
  if (header === undefined) return undefined;
  const end = pos + header.bytes;
  const next = end + 4 <= block.length ? parseHeader(block, end) : undefined;
  if (end + 4 > block.length)
    return synced || format === undefined || header.format === format ? header : undefined;
  if (format !== undefined && header.format === format)
    return synced || next?.format === format ? header : undefined;
  if (synced) return next === undefined ? undefined : header;
  return format === undefined
    ? next?.format === header.format
      ? header
      : undefined
    : startsFrames(block, pos) !== undefined
      ? header
      : undefined;
}

/** Whether something starts at `pos` that is not MP3. */
function startsOther(block: Uint8Array, pos: number): boolean {
  if (startsContainer(block, pos)) return true;
  const frame = startsFrames(block, pos);
  return frame !== undefined && frame.codec !== "MP3";
}

/** Where another container starts inside of the frame from `pos` to `end`, which a cut file in front of it leaves. */
function overrun(block: Uint8Array, pos: number, end: number, last: boolean): number | undefined {
  if (end > block.length ? !last : end + 4 > block.length || parseHeader(block, end) !== undefined)
    return undefined;
  for (let at = pos + 4; at < Math.min(end, block.length); at++) if (startsContainer(block, at)) return at;
  return undefined;
}

/** Whether the frame is a table of contents, which has no audio. */
function isTable(block: Uint8Array, pos: number, { table }: Mp3Header): boolean {
  const name = String.fromCharCode(...block.subarray(pos + table, pos + table + 4));
  return name === "Xing" || name === "Info";
}

/** Counts a frame. The first may be a table of contents, which has the number of frames. */
function count(walk: Walk, first: boolean, frame: Uint8Array, header: Mp3Header): void {
  const { samples, table } = header;
  if (first && isTable(frame, 0, header)) {
    const fields = new DataView(frame.buffer, frame.byteOffset + table, frame.length - table);
    if (fields.byteLength >= 12 && (fields.getUint32(4) & 1) === 1) walk.promised = fields.getUint32(8);
    return;
  }
  walk.frames++;
  walk.samples += samples;
}
