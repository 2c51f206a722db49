/**
 * Marks that a part of a file starts: long enough that they do not occur by chance, unlike the few bytes that are
 * enough at the start of a file.
 */
import { FRAME_HEADER_BYTES, LONGEST_FRAME, parseFrame } from "./audio-frames.ts";
import type { AudioFrame } from "./audio-frames.ts";

/** Bytes behind the first that a mark needs: those of two frames, and a header. */
export const MARK_BYTES = 2 * LONGEST_FRAME + FRAME_HEADER_BYTES;

const FRAMES = 3;
/** Bytes of an EBML header within which the name of its document type stands. */
const EBML_BYTES = 64;
const bytes = (word: string): number[] => Array.from(word, (letter) => letter.charCodeAt(0));

interface Mark {
  /** Where the word stands, from the first byte on. */
  readonly at: number;
  readonly word: readonly number[];
  /** What else must be so. */
  readonly holds?: (block: Uint8Array, pos: number) => boolean;
}

/** The marks of containers, by their first byte: a list for each of the 256. */
const marks: (readonly Mark[] | undefined)[] = Array.from({ length: 256 });

function mark(first: number, at: number, word: string, holds?: Mark["holds"]): void {
  const entry = { at, word: bytes(word), ...(holds === undefined ? {} : { holds }) };
  marks[first] = [...(marks[first] ?? []), entry];
}

for (const container of ["RIFF", "RF64", "BW64"]) {
  for (const form of ["WAVE", "AVI "]) {
    mark(container.charCodeAt(0), 0, container, (block, pos) => has(block, pos + 8, bytes(form)));
  }
}
// The header of STREAMINFO, the mandatory first block of 34 bytes: the last one or not.
mark(0x66, 0, "fLaC", (block, pos) => (block[pos + 4]! & 0x7f) === 0 && has(block, pos + 5, [0, 0, 34]));
// A first page has the flag 2, and one packet.
mark(0x4f, 0, "OggS\0", (block, pos) => (block[pos + 5]! & 2) !== 0);
mark(0, 4, "ftyp", (block, pos) => block[pos + 1] === 0 && block[pos + 2] === 0);
mark(0x1a, 0, "\x1aE\xdf\xa3", (block, pos) => {
  const head = String.fromCharCode(...block.subarray(pos, pos + EBML_BYTES));
  return head.includes("webm") || head.includes("matroska");
});
mark(0x46, 0, "FORM", (block, pos) => has(block, pos + 8, bytes("AIF")));
mark(0x46, 0, "FLV\x01", (block, pos) => has(block, pos + 5, [0, 0, 0, 9]));
mark(0x63, 0, "caff\0\x01\0\0desc");
mark(0x23, 0, "#!AMR");
mark(0x30, 0, "0&\xb2u\x8ef\xcf\x11\xa6\xd9\0\xaa\0b\xcel");
mark(0x77, 0, "wvpk", (block, pos) => block[pos + 9] === 4);
mark(0x2e, 0, ".snd\0\0", (block, pos) => has(block, pos + 12, [0, 0, 0]));

/** Bytes with which a container, a frame or a tag may start. */
const starters = Uint8Array.from({ length: 256 }, (_, byte) => (marks[byte] === undefined ? 0 : 1));
for (const first of [0x0b, 0xff, ...bytes("TAI")]) starters[first] = 1;

/** The first place from `pos` on, before `stop`, where something may start: megabytes of zeros are passed in no time. */
export function nextStart(block: Uint8Array, pos: number, stop: number): number {
  for (let at = pos; at < stop; at++) {
    const byte = block[at]!;
    if (starters[byte] === 1 && (byte !== 0 || block[at + 4] === 0x66)) return at; // zeros, and the f of ftyp
  }
  return stop;
}

/** Whether a container of audio starts at `pos`. */
export function startsContainer(block: Uint8Array, pos: number): boolean {
  const known = marks[block[pos]!];
  if (known === undefined) return false;
  return known.some(({ at, word, holds }) => has(block, pos + at, word) && holds?.(block, pos) !== false);
}

/** Whether a WAV file starts at `pos`. */
export function startsRiff(block: Uint8Array, pos: number): boolean {
  return (block[pos] === 0x52 || block[pos] === 0x42) && startsContainer(block, pos);
}

/** Whether three frames of one format start at `pos`, or two and then the block ends; the first of them. */
export function startsFrames(block: Uint8Array, pos: number): AudioFrame | undefined {
  let first: AudioFrame | undefined;
  for (let count = 0; count < FRAMES; count++) {
    if (count > 1 && pos === block.length) return first;
    const frame = parseFrame(block, pos);
    if (frame === undefined || (first !== undefined && frame.format !== first.format)) return undefined;
    first ??= frame;
    pos += frame.bytes;
  }
  return first;
}

function has(block: Uint8Array, pos: number, word: readonly number[]): boolean {
  for (let i = 0; i < word.length; i++) if (block[pos + i] !== word[i]) return false;
  return true;
}
