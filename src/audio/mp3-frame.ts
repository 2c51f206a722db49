/** Headers of MP3 frames (MPEG-1, 2 and 2.5, layer III). */

export interface Mp3Header {
  /** Version, layer, rate, and whether it is mono: what the frames of one part have in common. */
  readonly format: number;
  /** In Hz. */
  readonly rate: number;
  readonly bytes: number;
  readonly samples: number;
  /** Where the table of contents ("Xing") of a first frame would be. */
  readonly table: number;
}

const kiloBits = {
  mpeg1: [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
  mpeg2: [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
} as const;
const sampleRates = [44_100, 48_000, 32_000] as const;

/** The header at `pos`, of which four bytes must be there; undefined where there is none. */
export function parseHeader(block: Uint8Array, pos: number): Mp3Header | undefined {
  if (block[pos] !== 0xff) return undefined;
  const [kind, rates, mode] = [block[pos + 1]!, block[pos + 2]!, block[pos + 3]!];
  const version = (kind >> 3) & 3; // 0: 2.5, 2: 2, 3: 1
  const rateIndex = (rates >> 2) & 3;
  if ((kind & 0xe6) !== 0xe2 || version === 1 || rateIndex === 3) return undefined;
  const mpeg1 = version === 3;
  const kilo = (mpeg1 ? kiloBits.mpeg1 : kiloBits.mpeg2)[rates >> 4] ?? 0;
  if (kilo === 0) return undefined;
  const rate = sampleRates[rateIndex]! / (mpeg1 ? 1 : version === 2 ? 2 : 4);
  const samples = mpeg1 ? 1152 : 576;
  const mono = mode >> 6 === 3;
  const sideInfo = mpeg1 ? (mono ? 17 : 32) : mono ? 9 : 17;
  const bytes = Math.floor((samples / 8) * ((kilo * 1000) / rate)) + ((rates >> 1) & 1);
  const format = ((kind & 0x1e) * 4 + rateIndex) * 2 + (mono ? 1 : 0);
  return { format, rate, bytes, samples, table: 4 + sideInfo };
}
