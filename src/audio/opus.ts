/** Opus through libopus in WebAssembly, at 48 kHz: what Ogg, Matroska and MP4 have in common (RFC 6716, RFC 7845). */
import { AudioError } from "../errors.ts";
import type { AudioPiece } from "../platform/platform.ts";
import { decodePieces } from "./compressed.ts";
import type { Decoded, Tally } from "./compressed.ts";

export const OPUS_RATE = 48_000;

/** More than eight channels have no order of speakers. */
const MAX_OPUS_CHANNELS = 8;

/** The identification header. */
export interface OpusHead {
  readonly channels: number;
  /** Samples before the recording. */
  readonly preSkip: number;
  /** The factor for all samples. */
  readonly gain: number;
  readonly streams: number;
  readonly coupled: number;
  /** The decoded channel of each output channel. */
  readonly mapping: readonly number[];
}

/** Throws `audio_malformed`, or `unsupported_encoding` for more channels than speakers have an order for. */
export function parseOpusHead(where: string, head: Uint8Array): OpusHead {
  const fields = new DataView(head.buffer, head.byteOffset, head.byteLength);
  if (head.length < 19 || String.fromCharCode(...head.subarray(0, 8)) !== "OpusHead") {
    throw new AudioError("audio_malformed", where, "no OpusHead of 19 bytes", {
      wanted: "one in the first packet",
    });
  }
  const [version, channels, family] = [head[8]! >> 4, head[9]!, head[18]!];
  if (version !== 0 || family > 1 || channels > MAX_OPUS_CHANNELS) {
    const found = `Opus version ${head[8]} with ${channels} channels of mapping family ${family}`;
    throw new AudioError("unsupported_encoding", where, found, {
      wanted: `version 0 to 15, family 0 or 1, and at most ${MAX_OPUS_CHANNELS} channels`,
    });
  }
  const table = family === 0 ? [1, channels - 1, 0, 1] : [...head.subarray(19, 21 + channels)];
  const [streams, coupled, ...mapping] = table as [number, number, ...number[]];
  const isValid =
    channels > 0 &&
    (family === 1 || channels <= 2) &&
    table.length >= 2 + channels &&
    streams > 0 &&
    coupled <= streams &&
    mapping.every((from) => from < streams + coupled || from === 255 || family === 0);
  if (!isValid) {
    throw new AudioError("audio_malformed", where, `${channels} Opus channels of ${streams} streams`, {
      wanted: "1 or 2 channels, or a valid table of channels",
    });
  }
  return {
    channels,
    preSkip: fields.getUint16(10, true),
    gain: 10 ** (fields.getInt16(16, true) / 5120), // 1/256 dB
    streams,
    coupled,
    mapping: mapping.slice(0, channels),
  };
}

/** All samples of the packets, those before the recording too. */
export async function* decodeOpusPackets(
  where: string,
  head: OpusHead,
  packets: AsyncIterable<Uint8Array[]>,
): AsyncGenerator<AudioPiece, Tally> {
  const { channels, streams, coupled, mapping, gain } = head;
  const create = async () => {
    const { OpusDecoder } = await import("opus-decoder");
    const layout = { channels, streamCount: streams, coupledStreamCount: coupled };
    const decoder = new OpusDecoder({ ...layout, channelMappingTable: [...mapping], preSkip: 0 });
    const decode = (batch: Uint8Array[]): Decoded => decoder.decodeFrames(batch);
    return { ready: decoder.ready, decode, free: () => decoder.free() };
  };
  return yield* decodePieces(where, create, small(packets, channels), (samples) => {
    if (gain !== 1) for (let i = 0; i < samples.length; i++) samples[i] = samples[i]! * gain;
  });
}

/** The packets in batches of up to two seconds over all channels: a page of Ogg may have half a minute. */
async function* small(batches: AsyncIterable<Uint8Array[]>, channels: number): AsyncGenerator<Uint8Array[]> {
  for await (const packets of batches) {
    let batch: Uint8Array[] = [];
    let samples = 0;
    for (const packet of packets) {
      batch.push(packet);
      samples += packetSamples(packet) * channels;
      if (samples < 2 * OPUS_RATE) continue;
      yield batch;
      batch = [];
      samples = 0;
    }
    if (batch.length > 0) yield batch;
  }
}

/** The samples of a packet, by its first two bytes (RFC 6716, section 3). */
export function packetSamples(packet: Uint8Array): number {
  const [first, second] = [packet[0] ?? 0, packet[1] ?? 0];
  const config = first >> 3;
  const milliseconds =
    config < 12
      ? [10, 20, 40, 60][config & 3]!
      : config < 16
        ? [10, 20][config & 1]!
        : [2.5, 5, 10, 20][config & 3]!;
  const frames = (first & 3) === 0 ? 1 : (first & 3) < 3 ? 2 : second & 63;
  return frames * milliseconds * (OPUS_RATE / 1000);
}
