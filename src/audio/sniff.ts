/**
 * The container of a file, from its first bytes; names and extensions are ignored. A file that is not in this table is
 * refused and never passed to another program.
 */
import { readUpTo } from "../platform/bytes.ts";
import type { ByteSource } from "../platform/bytes.ts";

/** Decoded here, by name of the decoder. */
export type NativeFormat = "wav" | "flac" | "mp3" | "vorbis";

export type Format =
  | { readonly native: NativeFormat; readonly offset: number }
  /** Known, but only ffmpeg decodes it. */
  | { readonly foreign: string };

interface Signature {
  readonly at: number;
  readonly bytes: string;
  readonly format: NativeFormat | { readonly foreign: string };
}

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
  { at: 0, bytes: "\x0bw", format: foreign("Dolby AC-3") },
];

/** Skips an ID3 tag. Undefined where no signature fits. */
export async function sniff(source: ByteSource): Promise<Format | undefined> {
  const offset = await afterId3(source);
  const head = await readUpTo(source, offset, 64);
  const text = String.fromCharCode(...head);
  for (const { at, bytes, format } of signatures) {
    if (!text.startsWith(bytes, at)) continue;
    return typeof format === "string" ? { native: format, offset } : format;
  }
  return mpegAudio(head, offset);
}

async function afterId3(source: ByteSource): Promise<number> {
  const head = await readUpTo(source, 0, 10);
  if (head.length < 10 || String.fromCharCode(...head.subarray(0, 3)) !== "ID3") return 0;
  const size = head.subarray(6, 10).reduce((sum, byte) => sum * 128 + (byte & 127), 0);
  return 10 + size + ((head[5]! & 16) === 0 ? 0 : 10); // a footer repeats the header
}

/** Eleven bits of sync, then the layer: 0 is AAC's, 1 is III, 2 and 3 are II and I. */
function mpegAudio(head: Uint8Array, offset: number): Format | undefined {
  if (head.length < 4 || head[0] !== 0xff || (head[1]! & 0xe0) !== 0xe0) return undefined;
  const layer = (head[1]! >> 1) & 3;
  if (layer === 0) return (head[1]! & 0xf0) === 0xf0 ? foreign("AAC") : undefined;
  return layer === 1 ? { native: "mp3", offset } : foreign("MPEG audio of layer I or II");
}
