/**
 * A file is a sequence of parts: chained Ogg links, RIFF files one behind the other, an MP3 whose rate changes. Each is
 * decoded by a decoder of its own, from where the one before it ends; what is not decoded becomes a warning.
 */
import { AudioError, FunAsrError } from "../errors.ts";
import { sliced } from "../platform/bytes.ts";
import type { ByteSource } from "../platform/bytes.ts";
import { interruptible } from "../platform/interruptible.ts";
import type { AudioEnd, AudioPiece } from "../platform/platform.ts";
import { undecodable } from "./decoder.ts";
import type { Decoder, PartEnd } from "./decoder.ts";
import { extentOf } from "./extent.ts";
import { Findings } from "./findings.ts";
import { decodeForeign, inFile } from "./foreign.ts";
import type { ForeignProgram } from "./foreign.ts";
import { MAX_PARTS } from "./limits.ts";
import { sniffBehind } from "./sniff.ts";
import type { Format, NativeFormat } from "./sniff.ts";
import { afterTags } from "./tags.ts";
import { decodeWav } from "./wav-parts.ts";

const decoders: Readonly<Record<NativeFormat, () => Promise<Decoder>>> = {
  wav: async () => decodeWav,
  flac: async () => (await import("./flac.ts")).decodeFlac,
  mp3: async () => (await import("./mp3.ts")).decodeMp3,
  vorbis: async () => (await import("./vorbis.ts")).decodeVorbis,
  opus: async () => (await import("./ogg-opus.ts")).decodeOpus,
  mp4: async () => (await import("./demux.ts")).decodeMp4,
  matroska: async () => (await import("./demux.ts")).decodeMatroska,
};

/** Seconds of a part that are decoded. */
interface Progress {
  seconds: number;
}

/**
 * Decodes all parts from `first` on; `program` decodes those that have no decoder here. Throws where the first one cannot
 * be decoded; the others then give a warning.
 */
export async function* decodeParts(
  given: ByteSource,
  first: Format,
  program?: ForeignProgram,
  signal?: AbortSignal,
): AsyncGenerator<AudioPiece, AudioEnd> {
  const findings = new Findings();
  let source = given;
  let copy: ByteSource | undefined;
  let place: Format | undefined = first;
  try {
    for (let part = 0; place !== undefined; part++) {
      if (part === MAX_PARTS) {
        throw new AudioError("audio_malformed", source.name, `more than ${MAX_PARTS} parts`, {
          wanted: "fewer files one behind the other",
        });
      }
      const progress: Progress = { seconds: 0 };
      let end: number;
      try {
        if (place.seeks === true || (program !== undefined && place.native === undefined)) {
          copy ??= await inFile(source, place);
          source = copy === undefined ? source : interruptible(copy, signal);
        }
        const partEnd = yield* numbered(decodePart(source, place, program), part, progress);
        findings.add(partEnd, place.offset);
        end = place.offset + partEnd.end;
      } catch (error) {
        if (part === 0 || !(error instanceof FunAsrError) || error.code === "non_finite") throw error;
        end = await lose(source, place, error, progress, findings);
      }
      place = await nextPart(source, end, findings);
    }
    return findings.end();
  } finally {
    await copy?.[Symbol.asyncDispose]();
  }
}

/** Uses the decoder of the container, or `program` where there is none or it does not support the encoding. */
async function* decodePart(
  source: ByteSource,
  place: Format,
  program: ForeignProgram | undefined,
): AsyncGenerator<AudioPiece, PartEnd> {
  if (place.native !== undefined) {
    const decoder = await decoders[place.native]();
    const pieces = decoder(sliced(source, place.offset));
    let first: IteratorResult<AudioPiece, PartEnd> | undefined;
    try {
      first = await pieces.next();
    } catch (error) {
      if (!(error instanceof FunAsrError) || error.code !== "unsupported_encoding" || program === undefined)
        throw error;
    }
    if (first?.done === true) return first.value;
    if (first !== undefined) {
      yield first.value;
      return yield* pieces;
    }
  }
  if (program === undefined) throw undecodable(source.name, place.name);
  return yield* decodeForeign(source, place, program);
}

/** The pieces of one part. */
async function* numbered(
  pieces: AsyncGenerator<AudioPiece, PartEnd>,
  part: number,
  progress: Progress,
): AsyncGenerator<AudioPiece, PartEnd> {
  try {
    for (;;) {
      const next = await pieces.next();
      if (next.done === true) return next.value;
      progress.seconds += next.value.channels[0]!.length / next.value.sampleRate;
      yield { ...next.value, part };
    }
  } finally {
    await pieces.return({ truncated: true, warnings: [], end: 0 });
  }
}

/** Adds a part to the findings that is not decoded. Returns the offset behind it. */
async function lose(
  source: ByteSource,
  place: Format,
  error: FunAsrError,
  progress: Progress,
  findings: Findings,
): Promise<number> {
  const extent = await extentOf(sliced(source, place.offset), place).catch(() => undefined);
  const end =
    extent?.end === undefined
      ? ((await sniffBehind(source, place.offset + 1))?.offset ?? source.size)
      : place.offset + extent.end;
  const bytes = end - place.offset;
  const seconds = extent?.seconds(bytes);
  const left = seconds === undefined ? undefined : Math.max(0, seconds - progress.seconds);
  findings.lose(place.offset, bytes, left, error.message.replace(`${source.name}: `, ""));
  return end;
}

/** Where the next part starts, at `from` or behind bytes that are no audio; those are added to the findings. */
async function nextPart(source: ByteSource, from: number, findings: Findings): Promise<Format | undefined> {
  const start = await afterTags(source, from);
  const found = await sniffBehind(source, start);
  findings.skip(start, (found?.offset ?? source.size) - start);
  return found;
}
