/** Audio behind other audio that is not decoded: one warning, in seconds where headers tell them, and `truncated`. */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { loadAudio } from "../../src/audio/container.ts";
import { ac3, adts, eac3, layer2, mp4 } from "../helpers/builders/frames.ts";
import { bytes, chunk, fmt, int16, join, text, u32, wav } from "../helpers/builders/wav.ts";

const file = (name: string): Uint8Array =>
  new Uint8Array(readFileSync(resolve(import.meta.dirname, "compressed", name)));

async function* inPieces(whole: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < whole.length; at += 777) yield whole.subarray(at, at + 777);
}

const clip = wav(int16(...Array.from({ length: 3001 }, (_, i) => (i * 37) % 5000)));
const adpcm = wav(new Uint8Array(8110), { tag: 2, bits: 4, block: 1, rate: 8000 }); // 8000 bytes a second

/** A copy with some bytes replaced. */
function patched(from: Uint8Array, at: number, ...values: number[]): Uint8Array {
  const copy = from.slice();
  copy.set(values, at);
  return copy;
}
/** STREAMINFO with 32 bits for a sample, at the same rate and length. */
const flac32 = patched(file("mono-16.flac"), 20, 0x01, 0xf0 | (file("mono-16.flac")[21]! & 0x0f));
const vorbis7 = patched(file("mono.ogg"), 35, 7);

const lost: readonly (readonly [what: string, input: Uint8Array, amount: string, why: string])[] = [
  ["AAC", adts(20), `${((20 * 1024) / 44_100).toFixed(2)} s`, "AAC is not decoded"],
  ["MPEG layer II", layer2(20), "0.48 s", "MPEG audio of layer I or II is not decoded"],
  ["AC-3", ac3(20), "0.64 s", "Dolby AC-3 is not decoded"],
  ["E-AC-3", eac3(10), "0.32 s", "Dolby AC-3 is not decoded"],
  ["M4A", mp4(12.5), "12.50 s", "MP4 or M4A"],
  ["WAV in ADPCM", adpcm, "1.01 s", "format tag 0x2"],
  ["FLAC of 32 bits", flac32, "0.38 s", "FLAC of 32 bits"],
  ["Ogg Vorbis of another version", vorbis7, "0.38 s", "Vorbis version 7"],
  ["AMR", join(text("#!AMR\n"), new Uint8Array(94).fill(4)), "100 bytes", "AMR is not decoded"],
];
const firsts = [
  ["WAV", clip],
  ["FLAC", file("mono-16.flac")],
  ["MP3", file("mono.mp3")],
  ["Ogg Vorbis", file("mono.ogg")],
] as const;

describe.each(firsts)("behind %s", (_, first) => {
  it.each(lost)("%s", async (_, input, amount, why) => {
    const alone = await loadAudio(first, { ffmpeg: false });
    const audio = await loadAudio(join(first, input), { ffmpeg: false });
    expect(await loadAudio(inPieces(join(first, input)), { ffmpeg: false })).toEqual(audio);
    expect(audio).toMatchObject({ samples: alone.samples, truncated: true });
    expect(audio.warnings).toEqual([
      expect.stringMatching(
        new RegExp(`^${amount} of audio from byte ${first.length} on are left out: .*${why}`, "u"),
      ),
    ]);
    await expect(loadAudio(join(first, input), { ffmpeg: false, strict: true })).rejects.toMatchObject({
      code: "audio_truncated",
      message: expect.stringContaining(amount),
    });
  });

  it("and in front of more audio, which is read", async () => {
    const each = await Promise.all([first, clip].map((part) => loadAudio(part, { ffmpeg: false })));
    const seconds = each.reduce((sum, { duration }) => sum + duration, 0);
    for (const [what, input] of lost) {
      const audio = await loadAudio(join(first, input, clip), { ffmpeg: false });
      expect(audio.duration, what).toBeCloseTo(seconds, 9);
      expect(audio.warnings, what).toHaveLength(1);
    }
  });
});

it("damage between frames of AAC does not end the part", async () => {
  const audio = await loadAudio(join(clip, adts(10), new Uint8Array(300).fill(3), adts(10)), {
    ffmpeg: false,
  });
  expect(audio.warnings).toEqual([expect.stringMatching(/^0\.46 s of audio/u)]);
});

it("a data chunk in an encoding that is not decoded is left out once, in seconds", async () => {
  const other = join(
    fmt({ tag: 0x11, bits: 4, block: 1, rate: 8000 }),
    chunk("data", new Uint8Array(64_000)),
  );
  const audio = await loadAudio(wav(int16(1, 2, 3, 4), { after: other }), { ffmpeg: false });
  expect(audio).toMatchObject({ duration: 4 / 16_000, truncated: true });
  expect(audio.warnings).toEqual([expect.stringMatching(/^8\.00 s of audio from byte 52 .*IMA ADPCM/u)]);
});

describe("a part is no part", () => {
  it("by two frames alone, or by a lone sync", async () => {
    for (const tail of [adts(2), ac3(2), bytes(0x0b, 0x77, 1, 2, 3), u32(0xfffbfff1)]) {
      const audio = await loadAudio(join(clip, text("xx"), tail, new Uint8Array(5000).fill(9)), {
        ffmpeg: false,
      });
      expect(audio.warnings.join()).not.toContain("is not decoded");
    }
  });
});
