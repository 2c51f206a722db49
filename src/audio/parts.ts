/**
 * A file is a sequence of parts: chained Ogg links, RIFF files one behind the other, an MP3 whose rate changes. Each is
 * decoded by a decoder of its own, from where the one before it ends; what is not decoded becomes a warning.
 */
import { AudioError, FunAsrError } from "../errors.ts";
import type { ByteSource } from "../platform/bytes.ts";
import type { AudioEnd, AudioPiece } from "../platform/platform.ts";
import type { Decoder, PartEnd } from "./decoder.ts";
import { MAX_JUNK_BYTES, MAX_PARTS, MAX_QUIET_BYTES, MAX_WARNINGS } from "./limits.ts";
import { sniffBehind } from "./sniff.ts";
import type { NativeFormat } from "./sniff.ts";
import { afterTags } from "./tags.ts";
import { decodeWav } from "./wav-parts.ts";

const decoders: Readonly<Record<NativeFormat, () => Promise<Decoder>>> = {
  wav: async () => decodeWav,
  flac: async () => (await import("./flac.ts")).decodeFlac,
  mp3: async () => (await import("./mp3.ts")).decodeMp3,
  vorbis: async () => (await import("./vorbis.ts")).decodeVorbis,
};

interface Place {
  readonly native: NativeFormat;
  readonly offset: number;
}

/** Decodes all parts from `first` on. Throws where the first one cannot be decoded; the others then give a warning. */
export async function* decodeParts(source: ByteSource, first: Place): AsyncGenerator<AudioPiece, AudioEnd> {
  const findings = new Findings();
  let place: Place | undefined = first;
  for (let part = 0; place !== undefined; part++) {
    if (part === MAX_PARTS) {
      throw new AudioError("audio_malformed", source.name, `more than ${MAX_PARTS} parts`, {
        wanted: "fewer files one behind the other",
      });
    }
    const decoder = await decoders[place.native]();
    let end: number;
    try {
      const partEnd = yield* numbered(decoder(behind(source, place.offset)), part);
      findings.add(partEnd, place.offset);
      end = place.offset + partEnd.end;
    } catch (error) {
      if (part === 0 || !(error instanceof FunAsrError) || error.code === "non_finite") throw error;
      findings.lose(place.offset, error.message.replace(`${source.name}: `, ""));
      end = place.offset + 1;
    }
    place = await nextPart(source, end, findings);
  }
  return findings.end();
}

/** The pieces of one part. */
async function* numbered(
  pieces: AsyncGenerator<AudioPiece, PartEnd>,
  part: number,
): AsyncGenerator<AudioPiece, PartEnd> {
  try {
    for (;;) {
      const next = await pieces.next();
      if (next.done === true) return next.value;
      yield { ...next.value, part };
    }
  } finally {
    await pieces.return({ truncated: true, warnings: [], end: 0 });
  }
}

/** Where the next part starts, at `from` or behind bytes that are no audio; those are added to the findings. */
async function nextPart(source: ByteSource, from: number, findings: Findings): Promise<Place | undefined> {
  for (let at = from; ;) {
    const start = await afterTags(source, at);
    const found = await sniffBehind(source, start);
    if (found === undefined) {
      findings.skip(start, source.size - start);
      return undefined;
    }
    findings.skip(start, found.offset - start);
    if ("native" in found) return found;
    findings.lose(found.offset, `${found.foreign} is not decoded behind other audio`);
    at = found.offset + 1;
  }
}

/** Warnings of all parts. */
class Findings {
  #truncated = false;
  #warnings: string[] = [];
  #unlisted = 0;

  add({ truncated, warnings }: AudioEnd, offset: number): void {
    this.#truncated ||= truncated;
    for (const warning of warnings)
      this.#warn(offset === 0 ? warning : `${warning} (from byte ${offset} on)`);
  }

  /** A part that is not decoded. */
  lose(offset: number, why: string): void {
    this.#truncated = true;
    this.#warn(`the audio at byte ${offset} is left out: ${why}`);
  }

  /** Bytes that are not audio. So many that audio may be among them count as missing audio. */
  skip(offset: number, bytes: number): void {
    if (bytes <= MAX_QUIET_BYTES) return;
    this.#truncated ||= bytes > MAX_JUNK_BYTES;
    this.#warn(`${bytes} bytes from byte ${offset} on are not audio and were left out`);
  }

  end(): AudioEnd {
    const more = this.#unlisted === 0 ? [] : [`${this.#unlisted} more warnings`];
    return { truncated: this.#truncated, warnings: [...this.#warnings, ...more] };
  }

  #warn(message: string): void {
    if (this.#warnings.length < MAX_WARNINGS) this.#warnings.push(message);
    else this.#unlisted++;
  }
}

/** The source without its first `offset` bytes. */
function behind(source: ByteSource, offset: number): ByteSource {
  if (offset === 0) return source;
  return {
    name: source.name,
    remote: source.remote,
    get size() {
      return Math.max(0, source.size - offset);
    },
    read: (at, target, signal) => source.read(offset + at, target, signal),
    reach: async (end) => source.reach?.(offset + end),
    [Symbol.asyncDispose]: async () => {}, // the whole source is closed by its owner
  };
}
