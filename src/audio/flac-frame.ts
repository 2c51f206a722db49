/** Headers and checksums of FLAC frames (RFC 9639, section 9). */

/** What the frames of a stream have in common. */
export interface FrameShape {
  readonly bits: number;
  readonly channels: number;
}

export interface FlacFrame {
  /** Version, block strategy and sample rate, as coded. */
  readonly code: number;
  /** Samples of each channel. */
  readonly samples: number;
  /** The number of the frame, or of its first sample where the block size varies. */
  readonly number: number;
  readonly isVariable: boolean;
  readonly headerBytes: number;
}

/** The longest header. */
export const HEADER_BYTES = 16;

const bitsOf = [0, 8, 12, -1, 16, 20, 24, 32];

/** The header at `pos`, if it is whole, has a valid checksum and fits `shape`. */
export function parseFrame(
  block: Uint8Array,
  pos: number,
  { bits, channels }: FrameShape,
): FlacFrame | undefined {
  if (block[pos] !== 0xff || (block[pos + 1]! & 0xfe) !== 0xf8) return undefined;
  const [sizes, layout] = [block[pos + 2] ?? 0, block[pos + 3] ?? 1];
  const [sizeCode, rateCode, channelCode, bitsCode] = [
    sizes >> 4,
    sizes & 15,
    layout >> 4,
    (layout >> 1) & 7,
  ];
  if (sizeCode === 0 || rateCode === 15 || channelCode > 10 || (layout & 1) !== 0) return undefined;
  if ((channelCode < 8 ? channelCode + 1 : 2) !== channels) return undefined;
  if (bitsCode !== 0 && bitsOf[bitsCode] !== bits) return undefined;

  let at = pos + 4;
  const lead = block[at++] ?? 0xff;
  const more = lead < 0x80 ? 0 : Math.clz32(~(lead << 24)) - 1; // as in UTF-8, up to 36 bits
  if (more < 0 || more > 6 || (lead >= 0x80 && more === 0)) return undefined;
  let number = more === 0 ? lead : lead & (0x3f >> more);
  for (let i = 0; i < more; i++) number = number * 64 + (block[at++]! & 0x3f);

  let samples = sizeCode === 1 ? 192 : sizeCode < 6 ? 144 << sizeCode : 1 << sizeCode;
  if (sizeCode === 6) samples = block[at++]! + 1;
  if (sizeCode === 7) samples = block[at++]! * 256 + block[at++]! + 1;
  if (rateCode >= 12) at += rateCode === 12 ? 1 : 2;
  if (at >= block.length) return undefined;
  let crc = 0;
  for (let i = pos; i < at; i++) crc = crc8[crc ^ block[i]!]!;
  if (crc !== block[at]) return undefined;
  const code = block[pos + 1]! * 16 + rateCode;
  return { code, samples, number, isVariable: (code & 16) !== 0, headerBytes: at + 1 - pos };
}

/** Bytes of a frame whose samples are not compressed: encoders write no longer ones. */
export function longestFrame({ samples }: FlacFrame, { bits, channels }: FrameShape): number {
  return HEADER_BYTES + channels * (8 + Math.ceil((samples * (bits + 1)) / 8)) + 2;
}

/** The checksum of a frame with one more byte; it is 0 behind a whole frame. */
export function nextChecksum(crc: number, byte: number): number {
  return ((crc << 8) & 0xffff) ^ crc16[(crc >> 8) ^ byte]!;
}

const crc8 = table(8, 0x07);
const crc16 = table(16, 0x8005);

function table(width: 8 | 16, polynomial: number): Uint16Array {
  return Uint16Array.from({ length: 256 }, (_, byte) => {
    let crc = byte << (width - 8);
    for (let bit = 0; bit < 8; bit++) crc = (crc >> (width - 1)) & 1 ? (crc << 1) ^ polynomial : crc << 1;
    return crc & (2 ** width - 1);
  });
}
