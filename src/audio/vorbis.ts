/**
 * One link of Ogg Vorbis through libvorbis in WebAssembly. Only whole pages of the link's first stream reach the decoder,
 * one at a time, and the last one gives the expected number of samples.
 */
import { AudioError } from "../errors.ts";
import { decodePieces, shortfall } from "./compressed.ts";
import { checkShape } from "./decoder.ts";
import type { PartEnd } from "./decoder.ts";
import type { AudioPiece } from "../platform/platform.ts";
import { readUpTo } from "../platform/bytes.ts";
import type { ByteSource } from "../platform/bytes.ts";
import { faultsOf, linkPages, startWalk } from "./ogg.ts";

/** A page holds at most 255 packets of 8,192 samples: 8 channels keep it below 70 MB. */
const MAX_VORBIS_CHANNELS = 8;

export async function* decodeVorbis(source: ByteSource): AsyncGenerator<AudioPiece, PartEnd> {
  await checkIdentification(source);
  const walk = startWalk();
  const create = async () => new (await import("@wasm-audio-decoders/ogg-vorbis")).OggVorbisDecoder();
  const tally = yield* decodePieces(source.name, create, linkPages(source, walk));
  const warnings = [...shortfall(walk.position, tally), ...faultsOf(walk)];
  return { truncated: warnings.length > 0, warnings, end: walk.end };
}

/** The first packet: `\x01vorbis`, version 0, channels, rate. */
async function checkIdentification(source: ByteSource): Promise<void> {
  const head = await readUpTo(source, 28, 30);
  if (head.length < 30) {
    throw new AudioError("audio_malformed", source.name, "cut inside the first page", {
      wanted: "30 bytes more",
    });
  }
  const fields = new DataView(head.buffer, head.byteOffset, head.byteLength);
  const channels = fields.getUint8(11);
  checkShape(source.name, fields.getUint32(12, true), channels);
  if (fields.getUint32(7, true) !== 0 || channels > MAX_VORBIS_CHANNELS) {
    const found = `Vorbis version ${fields.getUint32(7, true)} with ${channels} channels`;
    throw new AudioError("unsupported_encoding", source.name, found, {
      wanted: `version 0 and at most ${MAX_VORBIS_CHANNELS} channels`,
    });
  }
}
