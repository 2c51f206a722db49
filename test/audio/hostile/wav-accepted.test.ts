/** Careless WAV files are read with a warning; their truncations and mutants are read or refused. */
import { describe, expect, it } from "vitest";
import {
  bytes,
  chunk,
  extension,
  float32,
  int16,
  join,
  text,
  u32,
  wav,
  ds64,
} from "../../helpers/builders/wav.ts";
import type { WavParts } from "../../helpers/builders/wav.ts";
import { AudioError } from "../../../src/errors.ts";
import { loadAudio } from "../../../src/audio/container.ts";
import { uniform } from "../../helpers/builders/random.ts";

const four = int16(1, -2, 3, -4);
const read = (file: Uint8Array, strict = false) => loadAudio(file, { ffmpeg: false, strict });

const scaled = (...values: number[]): number[] => values.map((v) => v / 32768);

/** Odd, but readable: `warned` is whether there is a warning, `short` whether strict reading refuses it. */
const accepted: readonly {
  what: string;
  data?: Uint8Array;
  parts: WavParts;
  samples: number[];
  warned?: boolean;
  short?: boolean;
}[] = [
  { what: "plain", parts: {}, samples: scaled(1, -2, 3, -4) },
  { what: "data before fmt", parts: { dataFirst: true }, samples: scaled(1, -2, 3, -4) },
  {
    what: "a LIST of odd length",
    parts: { between: chunk("LIST", bytes(1, 2, 3)) },
    samples: scaled(1, -2, 3, -4),
  },
  {
    what: "a cue chunk that claims 3 million points",
    parts: { between: chunk("cue ", join(u32(3_100_000), bytes(0, 0))) },
    samples: scaled(1, -2, 3, -4),
  },
  {
    what: "rubbish after the samples",
    parts: { after: text("\xff\xfe rubbish") },
    samples: scaled(1, -2, 3, -4),
  },
  {
    what: "a second data chunk after the first",
    parts: { after: chunk("data", int16(9)) },
    samples: scaled(1, -2, 3, -4, 9),
  },
  { what: "8 bits of odd length", data: bytes(128, 0, 255), parts: { bits: 8 }, samples: [0, -1, 127 / 128] },
  {
    what: "half a frame at the end",
    data: join(four, bytes(7)),
    parts: {},
    samples: scaled(1, -2, 3, -4),
    warned: true,
  },
  {
    what: "half a stereo frame at the end",
    data: join(four, int16(9)),
    parts: { channels: 2 },
    samples: scaled(-0.5, -0.5),
    warned: true,
  },
  {
    what: "length 0 from a streaming writer",
    parts: { dataLength: 0 },
    samples: scaled(1, -2, 3, -4),
  },
  {
    what: "length 2³²−1 from a streaming writer",
    parts: { dataLength: 0xffffffff },
    samples: scaled(1, -2, 3, -4),
  },
  {
    what: "less data than claimed",
    parts: { dataLength: 5000 },
    samples: scaled(1, -2, 3, -4),
    warned: true,
    short: true,
  },
  {
    what: "RF64",
    parts: { container: "RF64", before: ds64(8n), dataLength: 0xffffffff },
    samples: scaled(1, -2, 3, -4),
  },
  {
    what: "BW64",
    parts: { container: "BW64", before: ds64(8n), dataLength: 0xffffffff },
    samples: scaled(1, -2, 3, -4),
  },
  {
    what: "RF64 whose ds64 claims a petabyte",
    parts: { container: "RF64", before: ds64(2n ** 50n), dataLength: 0xffffffff },
    samples: scaled(1, -2, 3, -4),
    warned: true,
    short: true,
  },
  {
    what: "RF64 with a plain length",
    parts: { container: "RF64", before: ds64(0n) },
    samples: scaled(1, -2, 3, -4),
  },
  { what: "float that clips", data: float32(2, -3), parts: { tag: 3, bits: 32 }, samples: [2, -3] },
  {
    what: "extensible float",
    data: float32(0.5, -0.25),
    parts: { tag: 0xfffe, bits: 32, fmtTail: extension(3, 32) },
    samples: [0.5, -0.25],
  },
  {
    what: "extensible 20 bits in 24",
    data: bytes(0, 0, 0x40, 0x10, 0, 0x80),
    parts: { tag: 0xfffe, bits: 24, fmtTail: extension(1, 20) },
    samples: [0.5, -1 + 2 ** -19],
  },
  { what: "20 bits in 24, not extensible", data: bytes(0, 0, 0x40), parts: { bits: 20 }, samples: [0.5] },
  { what: "12 bits in 16", data: int16(16384), parts: { bits: 12 }, samples: [0.5] },
];

describe("WAV files that are odd", () => {
  it.each(accepted)("$what", async ({ data = four, parts, samples, warned = false, short = false }) => {
    const file = wav(data, parts);
    const audio = await read(file);
    expect([...audio.samples]).toEqual(samples.map(Math.fround));
    expect(audio.warnings.length > 0).toBe(warned);
    expect(audio.truncated).toBe(short);
    const strict = await read(file, true).then(
      () => "accepted",
      (error: AudioError) => error.code,
    );
    expect(strict).toBe(short ? "audio_truncated" : "accepted");
  });
});

describe("every truncation of a small file", () => {
  const file = wav(int16(100, -200, 300, -400, 500, -600, 700, -800));
  it.each(Array.from({ length: file.length }, (_, length) => length))("%i bytes", async (length) => {
    const outcome = await read(file.slice(0, length)).then(
      ({ samples, truncated }) => ({ samples: samples.length, truncated }),
      (error: AudioError) => error.code,
    );
    const samples = (length - 44) >> 1;
    const header = length === 0 ? "audio_empty" : length < 4 ? "not_audio" : "audio_malformed";
    const data = samples > 0 ? { samples, truncated: true } : "audio_empty";
    expect(outcome).toEqual(length < 44 ? header : data);
  });
});

describe("mutants", () => {
  const rows = accepted.map(({ data = four, parts }) => wav(data, parts));
  const extremes = [0, 1, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff];

  /** One to three edits: a flipped byte, a field overwritten, a cut, a doubled or a dropped range, a splice. */
  function mutate(random: () => number): Uint8Array {
    const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)]!;
    let file: Uint8Array = Uint8Array.from(pick(rows));
    for (let edits = 1 + Math.floor(random() * 3); edits > 0; edits--) {
      const at = Math.floor(random() * file.length);
      const end = at + Math.floor(random() * 24);
      const kind = Math.floor(random() * 6);
      if (kind === 0) file[at] = Math.floor(random() * 256);
      else if (kind === 1) file.set(u32(pick(extremes)).subarray(0, Math.max(0, file.length - at)), at);
      else if (kind === 2) file = file.slice(0, at);
      else if (kind === 3) file = join(file.slice(0, end), file.slice(at));
      else if (kind === 4) file = join(file.slice(0, at), file.slice(end));
      else file = join(file.slice(0, at), pick(rows).slice(at));
    }
    return file;
  }

  it("20,000 of them end in samples or in an AudioError", async () => {
    const seed = Number(process.env["FUN_ASR_SEED"] ?? 1);
    const random = uniform(seed);
    const outcomes = new Map<string, number>();
    for (let i = 0; i < 20_000; i++) {
      const file = mutate(random);
      const outcome = await read(file).then(
        ({ samples }) =>
          samples.length <= 8 * file.length && samples.every(Number.isFinite) ? "read" : "wrong",
        (error: unknown) =>
          error instanceof AudioError ? error.code : `${String(error)}: ${Buffer.from(file).toString("hex")}`,
      );
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    }
    const allowed = new Set([
      "read",
      "not_audio",
      "audio_empty",
      "audio_malformed",
      "audio_rate",
      "unsupported_encoding",
      "non_finite",
    ]);
    expect(
      [...outcomes.keys()].filter((outcome) => !allowed.has(outcome)),
      `seed ${seed}`,
    ).toEqual([]);
    expect(outcomes.get("read")).toBeGreaterThan(2000);
  });
});
