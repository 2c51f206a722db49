import { describe, expect, it } from "vitest";
import { uniform } from "../helpers/builders/random.ts";
import { bytes, chunk, join, text, u32, u64, wav } from "../helpers/builders/wav.ts";
import { openAudio, loadAudio, streamAudio } from "../../src/audio/container.ts";
import { PIECE_FRAMES } from "../../src/audio/limits.ts";

describe("long files", () => {
  const frames = 2 * PIECE_FRAMES + 777;
  const random = uniform(3);
  const data = Uint8Array.from({ length: 6 * frames }, () => Math.floor(random() * 256)); // 24-bit stereo
  const file = wav(data, { bits: 24, channels: 2, rate: 44_100 });

  it("are read by range", async () => {
    await using audio = await openAudio(file);
    expect(audio).toMatchObject({ sampleRate: 44_100, channels: 2, frames });
    const whole = await audio.read(0, frames);
    expect(await audio.read(PIECE_FRAMES - 3, 10)).toEqual(whole.slice(PIECE_FRAMES - 3, PIECE_FRAMES + 7));
    expect(await audio.read(frames - 2, 100)).toEqual(whole.slice(-2));
    expect(await audio.read(frames, 1)).toHaveLength(0);
    const sample = (at: number): number =>
      (new DataView(data.buffer).getInt32(3 * at - 1, true) >> 8) / 2 ** 23;
    expect(whole[5]).toBe(Math.fround((Math.fround(sample(10)) + Math.fround(sample(11))) / 2));
  });

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
    const { openWav } = await import("../../src/audio/wav.ts");
    const reader = await openWav({
      name: "huge",
      size: head.length + 2 * samples,
      remote: false,
      async read(offset, target) {
        if (offset < head.length) target.set(head.subarray(offset, offset + target.length));
        else target.forEach((_, i) => (target[i] = Number((BigInt(offset - head.length + i) / 2n) % 128n)));
      },
      [Symbol.asyncDispose]: async () => {},
    });
    expect(reader).toMatchObject({ frames: samples, truncated: false });
    const last = await reader.read(samples - 1, 5);
    expect(last).toEqual(Float32Array.of((((samples - 1) % 128) * 257) / 32768));
  });

  it("refuses ranges of anything but WAV, and truncation when strict", async () => {
    await expect(openAudio(text("fLaC and more"))).rejects.toMatchObject({ code: "unsupported_encoding" });
    await expect(openAudio(file.slice(0, -1), { strict: true })).rejects.toMatchObject({
      code: "audio_truncated",
    });
    expect((await openAudio(file.slice(0, -1))).truncated).toBe(true);
  });
});
