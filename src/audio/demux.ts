/**
 * The first audio track of MP4, QuickTime, Matroska and WebM files, by mediabunny's demuxer, where its codec is decoded
 * here: Opus, FLAC and PCM. Others are `unsupported_encoding`.
 */
import type { EncodedPacket, Input, InputAudioTrack } from "mediabunny";
import { AudioError, FunAsrError } from "../errors.ts";
import { readUpTo, sliced } from "../platform/bytes.ts";
import type { ByteSource } from "../platform/bytes.ts";
import type { AudioPiece } from "../platform/platform.ts";
import type { Tally } from "./compressed.ts";
import { checkShape } from "./decoder.ts";
import type { PartEnd } from "./decoder.ts";
import { extentOf } from "./extent.ts";
import { walkMatroska } from "./matroska.ts";
import type { Matroska } from "./matroska.ts";
import { checkTables } from "./mp4-tables.ts";
import { OPUS_RATE, packetSamples } from "./opus.ts";
import { decodeTrack, skipOf } from "./track.ts";
import { trimmed } from "./trim.ts";
import type { Cut } from "./trim.ts";

/** Packets that are decoded at once: a second of most codecs. */
const BATCH_PACKETS = 50;
const BATCH_BYTES = 2 ** 20;

const NOTHING = new Uint8Array(0);

const MP4_NAME = "MP4 or M4A";
const MATROSKA_NAME = "Matroska or WebM";

export async function* decodeMp4(source: ByteSource): AsyncGenerator<AudioPiece, PartEnd> {
  const { end = source.size, promised } = await extentOf(source, { name: MP4_NAME });
  const faults: string[] = [];
  if (promised !== undefined) {
    faults.push(`the file ends early: ${source.size} of ${promised} bytes are present`);
  }
  const file = sliced(source, 0, end);
  await checkTables(file);
  return yield* decodeContainer(MP4_NAME, file, end, faults);
}

export async function* decodeMatroska(source: ByteSource): AsyncGenerator<AudioPiece, PartEnd> {
  const { view, end, faults, padding } = await walkMatroska(source);
  return yield* decodeContainer(MATROSKA_NAME, view, end, [...faults], padding);
}

/** `padding` is that of Matroska, whose times are too coarse for ends of recordings. */
async function* decodeContainer(
  name: string,
  source: ByteSource,
  end: number,
  faults: string[],
  padding?: Matroska["padding"],
): AsyncGenerator<AudioPiece, PartEnd> {
  using input = await openInput(source);
  const track = await firstTrack(name, source.name, input);
  const config = await track.getDecoderConfig();
  const codec = { name: await track.getCodec(), description: config?.description };
  const [sampleRate, channels] = [await track.getSampleRate(), await track.getNumberOfChannels()];
  checkShape(source.name, sampleRate, channels);
  const state: State = {
    skip: 0,
    faults: [],
    first: undefined,
    last: undefined,
    samples: 0,
    bytesLeft: source.size,
  };
  const rate = codec.name === "opus" ? OPUS_RATE : sampleRate;
  const setEnd = ({ first, last, samples }: State): void => {
    if (first === undefined || last === undefined) return;
    if (padding === undefined) {
      state.end = Math.round((last.timestamp + last.duration - first.timestamp) * rate);
    } else if (codec.name === "opus") {
      state.end = samples - Math.round(((padding.get(track.id) ?? 0) * rate) / 1e9);
    }
  };
  const setSkip = ({ timestamp }: EncodedPacket): void => {
    state.skip = skipOf(padding === undefined ? timestamp * rate : 0, config);
  };
  const packets = batches(track, source, state, setSkip, setEnd);
  const pieces = await decodeTrack(source.name, { ...codec, sampleRate, channels }, packets);
  const { errors }: Tally = yield* trimmed(pieces, state);
  faults.push(...state.faults);
  if (errors.length > 0) faults.push(`${errors.length} damaged packets; the first: ${errors[0]}`);
  return { truncated: faults.length > 0, warnings: faults, end };
}

/** State over the packets so far. */
interface State extends Cut {
  readonly faults: string[];
  first: EncodedPacket | undefined;
  last: EncodedPacket | undefined;
  /** Samples of the packets, where they are Opus. */
  samples: number;
  /** Packets share no bytes, so that no valid file has more of them than bytes. */
  bytesLeft: number;
}

/** Nothing is printed. */
async function openInput(source: ByteSource): Promise<Input> {
  const { Input, CustomSource, MP4, QTFF, MATROSKA, WEBM, Logging, LogLevel } = await import("mediabunny");
  Logging.level = LogLevel.Silent;
  const bytes = new CustomSource({
    getSize: () => source.size,
    read: (from, to) => readUpTo(source, from, to - from),
    prefetchProfile: "fileSystem",
    handleUnhandledError: () => {}, // the read that needs the bytes reports it
  });
  return new Input({ source: bytes, formats: [MP4, QTFF, MATROSKA, WEBM] });
}

/** Throws `unsupported_encoding` for a file that cannot be read too: ffmpeg may read more. */
async function firstTrack(name: string, where: string, input: Input): Promise<InputAudioTrack> {
  let track: InputAudioTrack | undefined;
  try {
    [track] = await input.getAudioTracks();
  } catch (cause) {
    if (cause instanceof FunAsrError) throw cause;
    const wanted = "a file that its recorder has finished";
    throw new AudioError("unsupported_encoding", where, `${name} that cannot be read: ${String(cause)}`, {
      wanted,
      cause,
    });
  }
  if (track === undefined) {
    throw new AudioError("unsupported_encoding", where, `${name} without an audio track`, {
      wanted: "audio in Opus, FLAC or PCM",
    });
  }
  return track;
}

/** The packets of the track. `setSkip` is called before the first is decoded, and `setEnd` before the last. */
async function* batches(
  track: InputAudioTrack,
  source: ByteSource,
  state: State,
  setSkip: (first: EncodedPacket) => void,
  setEnd: (state: State) => void,
): AsyncGenerator<Uint8Array[]> {
  const { EncodedPacketSink } = await import("mediabunny");
  const packets = new EncodedPacketSink(track).packets();
  let batch: Uint8Array[] = [];
  let bytes = 0;
  for (;;) {
    const packet = await nextPacket(packets, state);
    if (packet === undefined) break;
    state.bytesLeft -= Math.max(1, packet.data.length);
    if (state.bytesLeft < 0) {
      state.faults.push("the file is damaged: its packets have more bytes than it has");
      break;
    }
    if (state.first === undefined) setSkip(packet);
    state.first ??= packet;
    state.last = packet;
    state.samples += packetSamples(packet.data);
    if (batch.length === BATCH_PACKETS || bytes > BATCH_BYTES) {
      yield batch;
      batch = [];
      bytes = 0;
      await source.read(0, NOTHING); // many packets are in memory: this is where an abort ends them
    }
    batch.push(packet.data);
    bytes += packet.data.length;
  }
  if (state.faults.length === 0) setEnd(state);
  if (batch.length > 0) yield batch;
}

/** The next packet; undefined at the end, and where a file that is cut or damaged has no more. */
async function nextPacket(
  packets: AsyncGenerator<EncodedPacket, void>,
  { first, faults }: State,
): Promise<EncodedPacket | undefined> {
  try {
    return (await packets.next()).value ?? undefined;
  } catch (cause) {
    if (cause instanceof FunAsrError || first === undefined) throw cause;
    faults.push(`the file ends early or is damaged: ${String(cause)}`);
    return undefined;
  }
}
