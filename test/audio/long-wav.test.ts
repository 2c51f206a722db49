import { describe, expect, it } from "vitest";
import { uniform } from "../helpers/builders/random.ts";
import { bytes, chunk, join, text, u32, u64, wav } from "../helpers/builders/wav.ts";
import { loadAudio, streamAudio } from "../../src/audio/container.ts";
import { PIECE_SAMPLES } from "../../src/audio/limits.ts";
import { readWavHeader } from "../../src/audio/wav-header.ts";

describe("long files", () => {
  const frames = 2 * PIECE_SAMPLES + 777;
  const random = uniform(3);
  const data = Uint8Array.from({ length: 6 * frames }, () => Math.floor(random() * 256)); // 24-bit stereo
  const file = wav(data, { bits: 24, channels: 2, rate: 44_100 });

  it("are streamed with the same bytes", async () => {
    const whole = await loadAudio(file);
    let at = 0;
    for await (const piece of streamAudio(file)) {
      expect(piece).toEqual(whole.samples.slice(at, at + piece.length));
      at += piece.length;
    }
    expect(at).toBe(whole.samples.length);
    expect(at).toBe(Math.ceil((frames * 160) / 441));
  });

  it("beyond 4 GiB have their length in ds64", async () => {
    const samples = 3_000_000_000; // 6 GB that are not stored
    const ds64 = chunk("ds64", join(u64(6_000_000_080n), u64(6_000_000_000n), u64(0n), u32(0)));
    const head = join(
      text("RF64"),
      u32(0xffffffff),
      text("WAVE"),
      ds64,
      wav(bytes(), { dataLength: 0xffffffff }).slice(12),
    );
    const header = await readWavHeader({
      name: "huge",
      size: head.length + 2 * samples,
      remote: false,
      read: async (offset, target) => target.set(head.subarray(offset, offset + target.length)),
      [Symbol.asyncDispose]: async () => {},
    });
    expect(header).toMatchObject({ dataOffset: head.length, dataLength: 2 * samples });
  });
});
