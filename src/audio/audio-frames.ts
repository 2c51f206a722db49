/**
 * Headers of audio that comes in frames without a container: MPEG audio of all layers (ISO/IEC 11172-3, 13818-3), AAC in
 * ADTS (ISO/IEC 13818-7), AC-3 and E-AC-3 (ETSI TS 102 366). MP3 is decoded here; of the others, the frames give the length.
 */
import { parseHeader } from "./mp3-frame.ts";

export interface AudioFrame {
  readonly codec: "MP3" | "MPEG audio of layer I or II" | "AAC" | "Dolby AC-3";
  /** What the frames of one part have in common, as a number. */
  readonly format: number;
  readonly bytes: number;
  /** Samples of each channel. */
  readonly samples: number;
  /** In Hz. */
  readonly rate: number;
}

/** Bytes of the longest header that is parsed. */
export const FRAME_HEADER_BYTES = 7;

/** Bytes of the longest frame in practice, of E-AC-3. */
export const LONGEST_FRAME = 4_096;

/** The frame that starts at `pos`, by its header; undefined where none does. */
export function parseFrame(block: Uint8Array, pos: number): AudioFrame | undefined {
  if (block[pos] === 0x0b) return dolby(block, pos);
  if (block[pos] !== 0xff) return undefined;
  const mp3 = pos + 4 <= block.length ? parseHeader(block, pos) : undefined;
  return mp3 === undefined ? (adts(block, pos) ?? lowerLayer(block, pos)) : { ...mp3, codec: "MP3" };
}

const aacRates = [96, 88.2, 64, 48, 44.1, 32, 24, 22.05, 16, 12, 11.025, 8, 7.35];

function adts(block: Uint8Array, pos: number): AudioFrame | undefined {
  if (pos + 7 > block.length || (block[pos + 1]! & 0xf6) !== 0xf0) return undefined;
  const [kind, profile, third, fourth, fifth, sixth] = block.subarray(pos + 1) as unknown as number[];
  const rate = aacRates[(profile! >> 2) & 15];
  const bytes = ((third! & 3) << 11) | (fourth! << 3) | (fifth! >> 5);
  if (rate === undefined || bytes < 7) return undefined;
  const format = (kind! << 16) | ((profile! & 0xfd) << 8) | (third! & 0xf0);
  return { codec: "AAC", format, bytes, samples: 1024 * ((sixth! & 3) + 1), rate: rate * 1000 };
}

/** In kbit/s, by version (1, or 2 and 2.5) and layer. */
const kiloBits = {
  1: {
    1: [0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448],
    2: [0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384],
  },
  2: {
    1: [0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256],
    2: [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
  },
} as const;
const mpegRates = [44_100, 48_000, 32_000];

function lowerLayer(block: Uint8Array, pos: number): AudioFrame | undefined {
  if (pos + 4 > block.length || (block[pos + 1]! & 0xe4) !== 0xe4) return undefined;
  const [kind, rates, mode] = [block[pos + 1]!, block[pos + 2]!, block[pos + 3]!];
  const version = (kind >> 3) & 3; // 0: 2.5, 2: 2, 3: 1
  const layer = (kind & 2) === 0 ? 2 : 1;
  const base = mpegRates[(rates >> 2) & 3];
  const kilo = kiloBits[version === 3 ? 1 : 2][layer][rates >> 4] ?? 0;
  if (version === 1 || base === undefined || kilo === 0) return undefined;
  const rate = base / (version === 3 ? 1 : version === 2 ? 2 : 4);
  const padding = (rates >> 1) & 1;
  const bytes =
    layer === 1
      ? 4 * (Math.floor((12_000 * kilo) / rate) + padding)
      : Math.floor((144_000 * kilo) / rate) + padding;
  const format = (kind << 8) | (rates & 12) | (mode >> 6 === 3 ? 1 : 0);
  return { codec: "MPEG audio of layer I or II", format, bytes, samples: layer === 1 ? 384 : 1152, rate };
}

const dolbyRates = [48_000, 44_100, 32_000];
const dolbyKiloBits = [
  32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384, 448, 512, 576, 640,
];

function dolby(block: Uint8Array, pos: number): AudioFrame | undefined {
  if (pos + 7 > block.length || block[pos + 1] !== 0x77) return undefined;
  const [second, third, fourth, version] = [
    block[pos + 2]!,
    block[pos + 3]!,
    block[pos + 4]!,
    block[pos + 5]! >> 3,
  ];
  const rate = dolbyRates[fourth >> 6];
  const format = (version << 8) | (fourth >> 6);
  if (version <= 10) {
    const kilo = dolbyKiloBits[(fourth & 63) >> 1];
    if (rate === undefined || kilo === undefined) return undefined;
    const words = Math.floor((kilo * 96_000) / rate) + (rate === 44_100 ? fourth & 1 : 0);
    return { codec: "Dolby AC-3", format, bytes: 2 * words, samples: 1536, rate };
  }
  if (version > 16) return undefined;
  const bytes = 2 * ((((second & 7) << 8) | third) + 1);
  const isDependent = second >> 6 === 1; // more channels for the frame before
  const half = dolbyRates[(fourth >> 4) & 3];
  if (rate === undefined && half === undefined) return undefined;
  const blocks = rate === undefined ? 6 : [1, 2, 3, 6][(fourth >> 4) & 3]!;
  return {
    codec: "Dolby AC-3",
    format,
    bytes,
    samples: isDependent ? 0 : 256 * blocks,
    rate: rate ?? half! / 2,
  };
}
