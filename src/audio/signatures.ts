/**
 * Marks that a part of a file starts: long enough that they do not occur by chance, unlike the few bytes that are
 * enough at the start of a file.
 */
import { parseHeader } from "./mp3-frame.ts";

/** Bytes behind the first that a mark needs: those of two of the longest MP3 frames, and a header. */
export const MARK_BYTES = 2 * 1_441 + 4;

const MP3_FRAMES = 3;
const text = (word: string): number[] => Array.from(word, (letter) => letter.charCodeAt(0));
const [RIFF, RF64, BW64, WAVE, FLAC, OGG] = ["RIFF", "RF64", "BW64", "WAVE", "fLaC", "OggS"].map(text) as [
  number[],
  number[],
  number[],
  number[],
  number[],
  number[],
];
/** The header of STREAMINFO, the mandatory first block of 34 bytes: the last one or not. */
const INFO = [0, 0, 34];

/** Whether a WAV, FLAC or Ogg file starts at `pos`. */
export function startsContainer(block: Uint8Array, pos: number): boolean {
  switch (block[pos]) {
    case 0x52: // R
    case 0x42: // B
      return startsRiff(block, pos);
    case 0x66: // f
      return has(block, pos, FLAC) && (block[pos + 4]! & 0x7f) === 0 && has(block, pos + 5, INFO);
    case 0x4f: // O: a first page has the flag 2, and one packet
      return has(block, pos, OGG) && block[pos + 4] === 0 && (block[pos + 5]! & 2) !== 0;
    default:
      return false;
  }
}

/** Whether a WAV file starts at `pos`. */
export function startsRiff(block: Uint8Array, pos: number): boolean {
  const known = has(block, pos, RIFF) || has(block, pos, RF64) || has(block, pos, BW64);
  return known && has(block, pos + 8, WAVE);
}

/** Whether three MP3 frames of one format start at `pos`. */
export function startsMp3(block: Uint8Array, pos: number): boolean {
  let format: number | undefined;
  for (let frame = 0; frame < MP3_FRAMES; frame++) {
    if (frame > 1 && pos === block.length) return true; // two frames, and the end
    const header = pos + 4 <= block.length ? parseHeader(block, pos) : undefined;
    if (header === undefined || (format !== undefined && header.format !== format)) return false;
    format = header.format;
    pos += header.bytes;
  }
  return true;
}

function has(block: Uint8Array, pos: number, bytes: readonly number[]): boolean {
  for (let i = 0; i < bytes.length; i++) if (block[pos + i] !== bytes[i]) return false;
  return true;
}
