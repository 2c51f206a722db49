/** Decodes the packets of a track in a container, by the track's codec. */
import { AudioError } from "../errors.ts";
import type { AudioPiece } from "../platform/platform.ts";
import { decodePieces } from "./compressed.ts";
import type { Decoded, Tally } from "./compressed.ts";
import { bounded, unscale } from "./flac.ts";
import { decodeOpusPackets, parseOpusHead } from "./opus.ts";
import { samplesOf } from "./wav.ts";
import type { WavFormat } from "./wav-header.ts";

export interface Track {
  /** As mediabunny names codecs; null where it has no name for it. */
  readonly name: string | null;
  /** The codec's own header. */
  readonly description: ArrayBufferLike | ArrayBufferView | undefined;
  readonly sampleRate: number;
  readonly channels: number;
}

type Packets = AsyncGenerator<Uint8Array[]>;

/** Samples before the recording: by the time of the first packet, or by the codec's header where that has no time. */
export function skipOf(
  firstSample: number,
  config: { readonly codec: string; readonly description?: Track["description"] } | null,
): number {
  const byTime = Math.max(0, Math.round(-firstSample));
  const head = bytesOf(config?.description);
  if (config?.codec !== "opus" || head.length < 12) return byTime;
  return Math.max(byTime, head[10]! + 256 * head[11]!);
}

/** Throws `unsupported_encoding` for a codec that is not decoded here. */
export async function decodeTrack(
  where: string,
  track: Track,
  packets: Packets,
): Promise<AsyncGenerator<AudioPiece, Tally>> {
  const header = bytesOf(track.description);
  if (track.name === "opus") return decodeOpusPackets(where, parseOpusHead(where, header), packets);
  const bits = track.name === "flac" ? flacBits(header) : undefined;
  if (bits !== undefined) return decodeFlac(where, bits, track.channels, packets);
  const format = pcmFormat(track);
  if (format !== undefined) return decodePcm(where, track, format, packets);
  throw new AudioError(
    "unsupported_encoding",
    where,
    `${track.name ?? "an unknown codec"} is not decoded here`,
    {
      wanted: "audio in Opus, FLAC or PCM",
      remedy:
        "Install ffmpeg, which is used when it is there, or convert the file with it: ffmpeg -i FILE talk.wav",
    },
  );
}

/** Bits of a sample, from the header; undefined where it has none, or more than the decoder supports. */
function flacBits(header: Uint8Array): number | undefined {
  const info = header.subarray(header.length >= 42 && header[0] === 0x66 ? 8 : 4); // behind "fLaC" and the block's head
  const bits = (((info[12]! & 1) << 4) | (info[13]! >> 4)) + 1;
  return header.length >= 26 && bits >= 4 && bits <= 24 ? bits : undefined;
}

/** Packet by packet: a few bytes may stand for many samples. */
async function* decodeFlac(
  where: string,
  bits: number,
  channels: number,
  batches: Packets,
): AsyncGenerator<AudioPiece, Tally> {
  const packets = async function* (): AsyncGenerator<Uint8Array> {
    for await (const batch of batches) yield* batch;
  };
  const create = async () => {
    const decoder = new (await import("@wasm-audio-decoders/flac")).FLACDecoder();
    const decode = (packet: Uint8Array): Promise<Decoded> => decoder.decodeFrames([packet]);
    return { ready: decoder.ready, decode, free: () => decoder.free() };
  };
  return yield* decodePieces(where, create, bounded(where, packets(), channels), unscale(bits));
}

async function* decodePcm(
  where: string,
  { sampleRate }: Track,
  { isSwapped, isSigned8, ...format }: PcmFormat,
  packets: Packets,
): AsyncGenerator<AudioPiece, Tally> {
  let frames = 0;
  for await (const batch of packets) {
    for (const packet of batch) {
      const bytes = isSwapped
        ? swapped(packet, format.bits / 8)
        : isSigned8
          ? packet.map((byte) => byte ^ 128)
          : packet;
      const pieces = await samplesOf(where, bytes, format, frames);
      frames += pieces[0]!.length;
      if (pieces[0]!.length > 0) yield { channels: pieces, sampleRate };
    }
  }
  return { frames, sampleRate, errors: [] };
}

interface PcmFormat extends WavFormat {
  /** The first byte of a sample is the highest. */
  readonly isSwapped: boolean;
  readonly isSigned8: boolean;
}

function pcmFormat({ name, sampleRate, channels }: Track): PcmFormat | undefined {
  const [, kind, size, swap] = /^pcm-([suf])(\d+)(be)?$/u.exec(name ?? "") ?? [];
  const law = name === "alaw" ? "a-law" : name === "ulaw" ? "mu-law" : undefined;
  if (kind === undefined && law === undefined) return undefined;
  const bits = law === undefined ? Number(size) : 8;
  return {
    encoding: law ?? (kind === "f" ? "float" : "integer"),
    bits,
    channels,
    sampleRate,
    frameBytes: (channels * bits) / 8,
    isSwapped: swap !== undefined,
    isSigned8: kind === "s" && bits === 8,
  };
}

/** The bytes of each number in the other order. */
function swapped(bytes: Uint8Array, size: number): Uint8Array {
  const whole = bytes.length - (bytes.length % size);
  return Uint8Array.from({ length: whole }, (_, i) => bytes[i - (i % size) + (size - 1 - (i % size))]!);
}

function bytesOf(data: Track["description"]): Uint8Array {
  if (data === undefined) return new Uint8Array(0);
  return ArrayBuffer.isView(data)
    ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    : new Uint8Array(data);
}
