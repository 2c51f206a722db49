/**
 * The container of a file, from its first bytes; names and extensions are ignored. A file that is not in this table is
 * refused and never passed to another program.
 */
import { readUpTo } from "../platform/bytes.ts";
import type { ByteSource } from "../platform/bytes.ts";
import { MAX_JUNK_BYTES } from "./limits.ts";
import { MARK_BYTES, startsContainer, startsMp3 } from "./signatures.ts";
import { afterTags } from "./tags.ts";

/** Decoded here, by name of the decoder. */
export type NativeFormat = "wav" | "flac" | "mp3" | "vorbis";

export type Format =
  | { readonly native: NativeFormat; readonly offset: number }
  /** Known, but only ffmpeg decodes it. */
  | { readonly foreign: string; readonly offset: number };

interface Signature {
  readonly at: number;
  readonly bytes: string;
  readonly format: NativeFormat | { readonly foreign: string };
}

const READ_BYTES = 2 ** 16;

const foreign = (name: string): { foreign: string } => ({ foreign: name });

/** Bytes as Latin-1 text. */
const signatures: readonly Signature[] = [
  { at: 0, bytes: "RIFF", format: "wav" },
  { at: 0, bytes: "RF64", format: "wav" },
  { at: 0, bytes: "BW64", format: "wav" },
  { at: 0, bytes: "RIFX", format: foreign("big-endian WAV") },
  { at: 0, bytes: "riff", format: foreign("Wave64") },
  { at: 0, bytes: "fLaC", format: "flac" },
  { at: 28, bytes: "\x01vorbis", format: "vorbis" },
  { at: 28, bytes: "\x7fFLAC", format: "flac" },
  { at: 28, bytes: "OpusHead", format: foreign("Ogg Opus") },
  { at: 28, bytes: "Speex", format: foreign("Ogg Speex") },
  { at: 0, bytes: "OggS", format: foreign("Ogg of an unknown codec") },
  { at: 4, bytes: "ftyp", format: foreign("MP4 or M4A") },
  { at: 0, bytes: "\x1aE\xdf\xa3", format: foreign("Matroska or WebM") },
  { at: 0, bytes: "FORM", format: foreign("AIFF") },
  { at: 0, bytes: "caff", format: foreign("Core Audio") },
  { at: 0, bytes: "#!AMR", format: foreign("AMR") },
  { at: 0, bytes: ".snd", format: foreign("Sun audio") },
  { at: 0, bytes: "0&\xb2u\x8ef\xcf\x11", format: foreign("Windows Media") },
  { at: 0, bytes: "wvpk", format: foreign("WavPack") },
  { at: 0, bytes: "MAC ", format: foreign("Monkey's Audio") },
];

/** What the file is, behind tags, padding and at most `MAX_JUNK_BYTES` of junk; undefined where nothing is known. */
export async function sniff(source: ByteSource): Promise<Format | undefined> {
  const offset = await afterTags(source, 0);
  const format = await signatureAt(source, offset);
  if (format !== undefined) return format;
  const found = mpegAudio(await readUpTo(source, offset, 4), offset);
  return found ?? (await search(source, offset + 1, offset + MAX_JUNK_BYTES));
}

/** What is at `offset`, or behind bytes that are no audio, in the middle of a file. */
export async function sniffBehind(source: ByteSource, offset: number): Promise<Format | undefined> {
  return (await partAt(source, offset)) ?? (await search(source, offset + 1, Infinity));
}

/** What starts at `offset`, by more than the few bytes that are enough at the start of a file. */
export async function partAt(source: ByteSource, offset: number): Promise<Format | undefined> {
  const head = await readUpTo(source, offset, MARK_BYTES);
  return startsMp3(head, 0) ? { native: "mp3", offset } : await signatureAt(source, offset);
}

async function signatureAt(source: ByteSource, offset: number): Promise<Format | undefined> {
  const text = String.fromCharCode(...(await readUpTo(source, offset, 64)));
  for (const { at, bytes, format } of signatures) {
    if (!text.startsWith(bytes, at)) continue;
    return typeof format === "string" ? { native: format, offset } : { ...format, offset };
  }
  return undefined;
}

/** The first place from `from` to `end` where a part starts for certain. */
async function search(source: ByteSource, from: number, end: number): Promise<Format | undefined> {
  for (let at = from; at < end && at < source.size; at += READ_BYTES) {
    const block = await readUpTo(source, at, READ_BYTES + MARK_BYTES);
    const stop = Math.min(block.length, READ_BYTES, end - at);
    for (let pos = 0; pos < stop; pos++) {
      if (startsMp3(block, pos)) return { native: "mp3", offset: at + pos };
      if (!startsContainer(block, pos)) continue;
      const found = await signatureAt(source, at + pos);
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

/** AC-3, and MPEG audio: eleven bits of sync, then the layer: 0 is AAC's, 1 is III, 2 and 3 are II and I. */
function mpegAudio(head: Uint8Array, offset: number): Format | undefined {
  if (head[0] === 0x0b && head[1] === 0x77) return { ...foreign("Dolby AC-3"), offset };
  if (head.length < 4 || head[0] !== 0xff || (head[1]! & 0xe0) !== 0xe0) return undefined;
  const layer = (head[1]! >> 1) & 3;
  if (layer === 0) return (head[1]! & 0xf0) === 0xf0 ? { ...foreign("AAC"), offset } : undefined;
  return layer === 1 ? { native: "mp3", offset } : { ...foreign("MPEG audio of layer I or II"), offset };
}
