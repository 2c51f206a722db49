/** Tracks of uncompressed samples, in every number format that containers name. */
import { describe, expect, it } from "vitest";
import { decodeTrack } from "../../src/audio/track.ts";
import { bytes, float32, float64, int16 } from "../helpers/builders/wav.ts";

/** The channels of a track of these packets. */
async function decode(name: string | null, channels: number, ...packets: Uint8Array[]): Promise<number[][]> {
  const track = { name, description: undefined, sampleRate: 16_000, channels };
  const batches = async function* (): AsyncGenerator<Uint8Array[]> {
    yield packets;
  };
  const all = Array.from({ length: channels }, (): number[] => []);
  for await (const piece of await decodeTrack("a.mkv", track, batches()))
    for (const [i, samples] of piece.channels.entries()) all[i]!.push(...samples);
  return all;
}

describe("PCM", () => {
  it.each([
    ["pcm-u8", bytes(0, 128, 192), [-1, 0, 0.5]],
    ["pcm-s8", bytes(128, 0, 64), [-1, 0, 0.5]],
    ["pcm-s16", int16(-32768, 0, 16384), [-1, 0, 0.5]],
    ["pcm-s16be", bytes(0x80, 0, 0, 0, 0x40, 0), [-1, 0, 0.5]],
    ["pcm-s24", bytes(0, 0, 0x80, 0, 0, 0, 0, 0, 0x40), [-1, 0, 0.5]],
    ["pcm-s24be", bytes(0x80, 0, 0, 0, 0, 0, 0x40, 0, 0), [-1, 0, 0.5]],
    ["pcm-s32be", bytes(0x80, 0, 0, 0, 0, 0, 0, 0, 0x40, 0, 0, 0), [-1, 0, 0.5]],
    ["pcm-f32", float32(-1, 0, 0.5), [-1, 0, 0.5]],
    ["pcm-f32be", float32(-1, 0, 0.5).toReversed(), [0.5, 0, -1]],
    ["pcm-f64", float64(-1, 0, 0.5), [-1, 0, 0.5]],
    ["ulaw", bytes(0xff, 0x80, 0x00), [0, 32124 / 32768, -32124 / 32768]],
    ["alaw", bytes(0xd5, 0xaa, 0x2a), [8 / 32768, 32256 / 32768, -32256 / 32768]],
  ])("%s", async (name, packet, samples) => {
    expect(await decode(name, 1, packet)).toEqual([samples]);
  });

  it("of two channels, in packets", async () => {
    const packets = [int16(1 << 14, -(1 << 14)), int16(1 << 13, -(1 << 13), 0, 1 << 12)];
    expect(await decode("pcm-s16", 2, ...packets)).toEqual([
      [0.5, 0.25, 0],
      [-0.5, -0.25, 0.125],
    ]);
  });
});

it.each([
  ["aac", "aac"],
  [null, "an unknown codec"],
  ["pcm-s16le", "pcm-s16le"],
  ["flac", "flac"],
])("of %s without a header is refused by its name", async (name, shown) => {
  await expect(decode(name, 1, bytes(0, 0))).rejects.toMatchObject({
    code: "unsupported_encoding",
    message: expect.stringContaining(`${shown} is not decoded here`),
  });
});
