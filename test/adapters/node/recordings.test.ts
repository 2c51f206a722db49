/** What browsers and phones record is decoded without ffmpeg: the same seconds and samples as ffmpeg and libopus give. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join as joinPath, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadAudio } from "../../../src/audio/container.ts";
import { join } from "../../helpers/builders/wav.ts";

const clip = resolve(import.meta.dirname, "../../../fixtures/audio/demo/en-travel.wav");
const real = spawnSync("ffmpeg", ["-version"]).status === 0;
if (!real) console.warn("skipped: there is no ffmpeg on this machine to write and read recordings with");

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(joinPath(tmpdir(), "recordings-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

function ffmpeg(...options: string[]): Uint8Array {
  const run = spawnSync("ffmpeg", ["-v", "error", "-y", ...options], { maxBuffer: 2 ** 28 });
  if (run.status !== 0) throw new Error(run.stderr.toString());
  return run.stdout;
}
/** 2.3456 s of the clip. */
function write(name: string, options: string): { path: string; bytes: Uint8Array } {
  const path = joinPath(folder, name);
  ffmpeg("-t", "2.3456", "-i", clip, ...options.split(" "), path);
  return { path, bytes: new Uint8Array(readFileSync(path)) };
}
/** ffmpeg's samples of all channels, at the file's own rate, as their mean. */
async function truth(path: string, decoder: string[]): Promise<Awaited<ReturnType<typeof loadAudio>>> {
  const pcm = ffmpeg(...decoder, "-i", path, "-map", "0:a:0", "-c:a", "pcm_f32le", "-f", "wav", "pipe:1");
  return await loadAudio(new Uint8Array(pcm));
}
async function* inPieces(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 5_000) yield bytes.subarray(at, at + 5_000);
}

/** The clip as Opus, which other containers take as it is: their samples are those of the Ogg file. */
const OPUS = "-c:a libopus -b:a 32k";
const files: readonly (readonly [name: string, options: string, of?: string])[] = [
  ["mono.opus", OPUS],
  ["stereo.opus", `${OPUS} -ac 2`],
  ["surround.opus", "-c:a libopus -ac 6"],
  ["60 ms.opus", `${OPUS} -frame_duration 60`],
  ["2.5 ms.opus", `${OPUS} -frame_duration 2.5 -application lowdelay`],
  ["long pages.ogg", `${OPUS} -page_duration 900000`],
  ["a.mp4", OPUS, "mono.opus"],
  ["fragmented.mp4", `${OPUS} -movflags frag_keyframe+empty_moov`, "mono.opus"],
  ["fast.m4a", `${OPUS} -ac 2 -movflags +faststart -f mp4`, "stereo.opus"],
  ["pcm.mov", "-c:a pcm_s16le"],
  ["big-endian.mov", "-c:a pcm_s24be -ac 2"],
  ["bytes.mov", "-c:a pcm_s8 -f mov"],
  ["mu-law.mov", "-c:a pcm_mulaw -ar 8000"],
  ["flac.mp4", "-c:a flac -strict -2"],
  ["a.webm", OPUS, "mono.opus"],
  ["live.webm", `${OPUS} -live 1`, "mono.opus"],
  ["stereo.webm", `${OPUS} -ac 2 -cluster_time_limit 300`, "stereo.opus"],
  ["surround.webm", "-c:a libopus -ac 6", "surround.opus"],
  ["60 ms.mka", `${OPUS} -frame_duration 60`, "60 ms.opus"],
  ["flac.mka", "-c:a flac"],
  ["pcm.mka", "-c:a pcm_s16le -ac 2"],
  ["floats.mkv", "-c:a pcm_f32le"],
  ["big-endian.mka", "-c:a pcm_s24be"],
];

describe.skipIf(!real)("without ffmpeg", () => {
  it.each(files.map(([name, options, of]) => ({ name, options, of })))(
    "$name",
    async ({ name, options, of }) => {
      const { path, bytes } = write(name, options);
      const row = files.find(([file]) => file === (of ?? name))!;
      const other = write(row[0], row[1]).path;
      const expected = await truth(other, options.includes("opus") ? ["-c:a", "libopus"] : []);
      const audio = await loadAudio(path, { ffmpeg: false });
      expect(audio).toMatchObject({ warnings: [], truncated: false, sourceRate: expected.sourceRate });
      expect([audio.channels, audio.duration]).toEqual([expected.channels, expected.duration]);
      const worst = audio.samples.reduce(
        (most, value, i) => Math.max(most, Math.abs(value - expected.samples[i]!)),
        0,
      );
      // What differs by the order of sums and by the version of libopus.
      expect(worst).toBeLessThan(/surround|2\.5/u.test(name) ? 1e-4 : 1e-9);
      expect((await loadAudio(bytes, { ffmpeg: false })).samples).toEqual(audio.samples);
      expect((await loadAudio(inPieces(bytes), { ffmpeg: false })).samples).toEqual(audio.samples);
    },
  );

  it.each([
    ["cut.opus", `${OPUS} -page_duration 200000`, true],
    ["cut.m4a", `${OPUS} -movflags +faststart -f mp4`, true],
  ] as const)(
    "%s, cut in half, keeps what is there, with a warning where its headers tell more",
    async (...row) => {
      const [name, options, warned] = row;
      const { bytes } = write(name, options);
      const half = bytes.slice(0, bytes.length / 2);
      const audio = await loadAudio(half, { ffmpeg: false });
      expect(audio.duration).toBeGreaterThan(0.5);
      expect(audio.duration).toBeLessThan(1.4);
      expect(audio.truncated).toBe(warned);
      expect((await loadAudio(inPieces(half), { ffmpeg: false })).samples).toEqual(audio.samples);
    },
  );

  it("gain in the header is applied", async () => {
    const { bytes } = write("gain.opus", OPUS);
    const louder = bytes.slice();
    louder.set([0, 6], 28 + 16); // 6 dB
    const fields = new DataView(louder.buffer);
    fields.setUint32(22, 0, true);
    fields.setUint32(22, checksum(louder.subarray(0, 28 + 19)), true);
    const [plain, changed] = await Promise.all(
      [bytes, louder].map((file) => loadAudio(file, { ffmpeg: false })),
    );
    const factor = 10 ** (6 / 20);
    const worst = changed!.samples.reduce(
      (most, value, i) => Math.max(most, Math.abs(value - plain!.samples[i]! * factor)),
      0,
    );
    expect(worst).toBeLessThan(1e-5);
  });

  const parts = ["mono.opus", "a.mp4"];
  it.each(parts.flatMap((one) => parts.map((two) => [one, two] as const)))("%s + %s", async (one, two) => {
    const [first, second] = [one, two].map(
      (name) => write(name, files.find(([file]) => file === name)![1]).bytes,
    );
    const each = await Promise.all([first!, second!].map((part) => loadAudio(part, { ffmpeg: false })));
    const audio = await loadAudio(join(first!, second!), { ffmpeg: false });
    expect(audio).toMatchObject({ warnings: [], truncated: false });
    expect(audio.duration).toBeCloseTo(each[0]!.duration + each[1]!.duration, 9);
    expect(audio.samples).toEqual(Float32Array.from([...each[0]!.samples, ...each[1]!.samples]));
  });
});

/** RFC 3533's checksum, bit by bit. */
function checksum(page: Uint8Array): number {
  let crc = 0;
  for (const byte of page) {
    crc ^= byte << 24;
    for (let bit = 0; bit < 8; bit++) crc = crc < 0 ? (crc << 1) ^ 0x04c1_1db7 : crc << 1;
  }
  return crc >>> 0;
}
