/**
 * The container of a file, from its first bytes; names and extensions are ignored. A file that is not in this table is
 * refused and never passed to another program.
 */
import { readUpTo } from "../platform/bytes.ts";
import type { ByteSource } from "../platform/bytes.ts";
import type { AudioFrame } from "./audio-frames.ts";
import { MAX_JUNK_BYTES } from "./limits.ts";
import { MARK_BYTES, nextStart, startsContainer, startsFrames } from "./signatures.ts";
import { afterTags } from "./tags.ts";

/** Decoded here, by name of the decoder. */
export type NativeFormat = "wav" | "flac" | "mp3" | "vorbis" | "opus" | "mp4" | "matroska";

interface Kind {
  /** The decoder that this package has for it; absent where only ffmpeg decodes it. */
  readonly native?: NativeFormat;
  /** For messages. */
  readonly name: string;
  /** It must be read backwards, too: its table of contents may be at its end. */
  readonly seeks?: true;
}

export interface Format extends Kind {
  /** Where it starts, in bytes. */
  readonly offset: number;
}

const READ_BYTES = 2 ** 16;

/** Three packets of a transport stream. */
const SIGNATURE_BYTES = 400;

const WAV = { native: "wav", name: "WAV" } as const;
const FLAC = { native: "flac", name: "FLAC" } as const;
const MP4 = { native: "mp4", name: "MP4 or M4A", seeks: true } as const;

/** Words of the first bytes as Latin-1 text, by where they stand; the first line that fits counts. */
const signatures: readonly (readonly [words: Readonly<Record<number, string>>, kind: Kind])[] = [
  [{ 0: "RIFF", 8: "AVI " }, { name: "AVI" }],
  [{ 0: "RIFF" }, WAV],
  [{ 0: "RF64" }, WAV],
  [{ 0: "BW64" }, WAV],
  [{ 0: "RIFX" }, { name: "big-endian WAV" }],
  [{ 0: "riff" }, { name: "Wave64" }],
  [{ 0: "fLaC" }, FLAC],
  [{ 28: "\x01vorbis" }, { native: "vorbis", name: "Ogg Vorbis" }],
  [{ 28: "\x7fFLAC" }, { native: "flac", name: "Ogg FLAC" }],
  [{ 28: "OpusHead" }, { native: "opus", name: "Ogg Opus" }],
  [{ 28: "Speex" }, { name: "Ogg Speex" }],
  [{ 0: "OggS" }, { name: "Ogg of an unknown codec" }],
  [{ 4: "ftyp" }, MP4],
  [{ 4: "moov" }, MP4],
  [{ 4: "mdat" }, MP4],
  ...["wide", "free", "skip", "pnot"].map((box) => [{ 0: "\0\0", 4: box }, MP4] as const),
  [{ 0: "\x1aE\xdf\xa3" }, { native: "matroska", name: "Matroska or WebM", seeks: true }],
  [{ 0: "FORM" }, { name: "AIFF" }],
  [{ 0: "caff" }, { name: "Core Audio" }],
  [{ 0: "#!AMR" }, { name: "AMR" }],
  [{ 0: ".snd" }, { name: "Sun audio" }],
  [{ 0: "0&\xb2u\x8ef\xcf\x11" }, { name: "Windows Media" }],
  [{ 0: "wvpk" }, { name: "WavPack" }],
  [{ 0: "MAC " }, { name: "Monkey's Audio" }],
  [{ 0: "FLV\x01" }, { name: "Flash Video" }],
  [{ 0: "\0\0\x01\xba" }, { name: "an MPEG program stream" }],
  [{ 0: "G", 188: "G", 376: "G" }, { name: "an MPEG transport stream" }],
  [{ 4: "G", 196: "G", 388: "G" }, { name: "an MPEG transport stream" }],
  [{ 0: "TTA1" }, { name: "True Audio" }],
  [{ 0: "MPCK" }, { name: "Musepack" }],
  [{ 0: "MP+" }, { name: "Musepack" }],
  [{ 0: "DSD " }, { name: "DSF" }],
  [{ 0: "Creative Voice File\x1a" }, { name: "Creative Voice" }],
  [{ 0: "NIST_1A" }, { name: "NIST SPHERE" }],
];

/** What the file is, behind tags, padding and at most `MAX_JUNK_BYTES` of junk; undefined where nothing is known. */
export async function sniff(source: ByteSource): Promise<Format | undefined> {
  const offset = await afterTags(source, 0);
  const format = await signatureAt(source, offset);
  if (format !== undefined) return format;
  const found = loneFrame(await readUpTo(source, offset, 4), offset);
  return found ?? (await search(source, offset + 1, offset + MAX_JUNK_BYTES));
}

/** What is at `offset`, or behind bytes that are no audio, in the middle of a file. */
export async function sniffBehind(source: ByteSource, offset: number): Promise<Format | undefined> {
  return (await partAt(source, offset)) ?? (await search(source, offset + 1, Infinity));
}

/** What starts at `offset`, by more than the few bytes that are enough at the start of a file. */
export async function partAt(source: ByteSource, offset: number): Promise<Format | undefined> {
  const head = await readUpTo(source, offset, MARK_BYTES);
  return framesAt(head, 0, offset) ?? (await signatureAt(source, offset));
}

async function signatureAt(source: ByteSource, offset: number): Promise<Format | undefined> {
  const text = String.fromCharCode(...(await readUpTo(source, offset, SIGNATURE_BYTES)));
  const found = signatures.find(([words]) =>
    Object.entries(words).every(([at, word]) => text.startsWith(word, Number(at))),
  );
  return found === undefined ? undefined : { ...found[1], offset };
}

/** The first place from `from` to `end` where a part starts for certain. */
async function search(source: ByteSource, from: number, end: number): Promise<Format | undefined> {
  for (let at = from; at < end && at < source.size; at += READ_BYTES) {
    const block = await readUpTo(source, at, READ_BYTES + MARK_BYTES);
    const stop = Math.min(block.length, READ_BYTES, end - at);
    for (let pos = nextStart(block, 0, stop); pos < stop; pos = nextStart(block, pos + 1, stop)) {
      const frames = framesAt(block, pos, at + pos);
      if (frames !== undefined) return frames;
      if (!startsContainer(block, pos)) continue;
      const found = await signatureAt(source, at + pos);
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

function framesAt(block: Uint8Array, pos: number, offset: number): Format | undefined {
  const frame = startsFrames(block, pos);
  return frame === undefined ? undefined : { ...kindOf(frame.codec), offset };
}

function kindOf(codec: AudioFrame["codec"]): Kind {
  return codec === "MP3" ? { native: "mp3", name: codec } : { name: codec };
}

/** A stream of frames by its first bytes alone. */
function loneFrame(head: Uint8Array, offset: number): Format | undefined {
  if (head[0] === 0x0b && head[1] === 0x77) return { ...kindOf("Dolby AC-3"), offset };
  if (head[0] === 0x7f && head[1] === 0xfe && head[2] === 0x80 && head[3] === 1)
    return { name: "DTS", offset };
  if (head.length < 4 || head[0] !== 0xff || (head[1]! & 0xe0) !== 0xe0) return undefined;
  const layer = (head[1]! >> 1) & 3; // 0 is AAC's, 1 is III, 2 and 3 are II and I
  if (layer === 0) return (head[1]! & 0xf0) === 0xf0 ? { ...kindOf("AAC"), offset } : undefined;
  return { ...kindOf(layer === 1 ? "MP3" : "MPEG audio of layer I or II"), offset };
}
