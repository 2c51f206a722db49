/** Containers that ffmpeg decodes: files that it writes itself, alone and behind other audio, from disk and as streams. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join as joinPath, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadAudio } from "../../../src/audio/container.ts";
import { join } from "../../helpers/builders/wav.ts";

const clip = resolve(import.meta.dirname, "../../../fixtures/audio/tiny.wav");
const real = spawnSync("ffmpeg", ["-version"]).status === 0;
if (!real)
  console.warn("skipped: there is no ffmpeg on this machine to write and read other containers with");

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(joinPath(tmpdir(), "containers-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

const AAC = "-c:a aac -b:a 64k -ar 44100";
const written: Readonly<Record<string, string>> = {
  "a.avi": "-c:a libmp3lame -ar 44100",
  "a.flv": AAC,
  "a.ts": "-c:a mp2 -ar 48000",
  "a.m2ts": "-c:a ac3 -ar 48000 -mpegts_m2ts_mode 1 -f mpegts",
  "a.mpg": "-c:a mp2 -ar 48000",
  "a.mov": "-c:a pcm_s16be",
  "a.m4a": AAC,
  "fast.m4a": `${AAC} -movflags +faststart`,
  "a.3gp": "-c:a aac -ar 16000",
  "a.mkv": AAC,
  "a.wma": "-c:a wmav2 -ar 44100",
  "a.wv": "-c:a wavpack",
  "a.tta": "-c:a tta",
  "a.voc": "-c:a pcm_s16le",
  "a.dts": "-c:a dca -strict -2 -ar 48000",
  "a.aac": AAC,
  "a.mp2": "-c:a mp2 -ar 48000",
  "a.ac3": "-c:a ac3 -ar 48000",
  "a.aiff": "-c:a pcm_s16be",
  "a.caf": "-c:a pcm_s16be",
  "a.w64": "-c:a pcm_s16le",
  "a.au": "-c:a pcm_s16be",
};

/** The clip as ffmpeg writes it; `loops` times over. */
function write(name: string, loops = 1): Uint8Array {
  const path = joinPath(folder, `${loops}-${name}`);
  const options = written[name]!.split(" ");
  const run = spawnSync(
    "ffmpeg",
    ["-v", "error", "-y", "-stream_loop", String(loops - 1), "-i", clip, ...options, path],
    { encoding: "utf8" },
  );
  if (run.status !== 0) throw new Error(run.stderr);
  return new Uint8Array(readFileSync(path));
}
async function* inPieces(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 50_000) yield bytes.subarray(at, at + 50_000);
}

/** How long the clip may become by a codec's frames. */
const FRAMES = 0.12;

describe.skipIf(!real)("ffmpeg", () => {
  let seconds: number;
  beforeAll(async () => {
    ({ duration: seconds } = await loadAudio(clip));
  });

  it.each(Object.keys(written))("%s, from a file, from bytes and from a stream", async (name) => {
    const bytes = write(name);
    const audio = await loadAudio(joinPath(folder, `1-${name}`));
    expect(audio.warnings).toEqual([]);
    expect(audio.duration).toBeGreaterThan(seconds - 0.03);
    expect(audio.duration).toBeLessThan(seconds + FRAMES);
    expect((await loadAudio(bytes)).samples).toEqual(audio.samples);
    expect((await loadAudio(inPieces(bytes))).samples).toEqual(audio.samples);
  });

  it("an old QuickTime file without ftyp", async () => {
    const bytes = write("a.mov");
    bytes.set(Buffer.from("skip"), 4);
    const path = joinPath(folder, "old.mov");
    writeFileSync(path, bytes);
    const audio = await loadAudio(path);
    expect(audio.duration).toBeCloseTo(seconds, 3);
    expect((await loadAudio(inPieces(bytes))).samples).toEqual(audio.samples);
  });

  it("a long M4A with its index at the end through a pipe, without a listener for each piece", async () => {
    const warnings: Error[] = [];
    const warn = (warning: Error): void => void warnings.push(warning);
    process.on("warning", warn);
    for (const [name, loops] of [
      ["a.m4a", 60],
      ["a.aiff", 150],
    ] as const) {
      const bytes = write(name, loops);
      expect(bytes.length).toBeGreaterThan(2 ** 18);
      expect((await loadAudio(inPieces(bytes))).duration).toBeCloseTo(loops * seconds, 0);
    }
    process.off("warning", warn);
    expect(warnings).toEqual([]);
  });

  it("a temporary file of a stream is removed", async () => {
    const count = (): number =>
      readdirSync(tmpdir()).filter((name) => name.startsWith("fun-asr-audio-")).length;
    const before = count();
    await loadAudio(inPieces(write("a.m4a")));
    await expect(loadAudio(inPieces(write("a.m4a").slice(0, 500)))).rejects.toThrow("ffmpeg");
    expect(count()).toBeLessThanOrEqual(before);
  });

  describe.each(["wav", "mono.mp3"])("behind %s", (first) => {
    const head = (): Uint8Array =>
      new Uint8Array(
        readFileSync(first === "wav" ? clip : resolve(import.meta.dirname, "../../audio/compressed", first)),
      );
    it.each(["a.m4a", "a.aac", "a.mp2", "a.ac3", "a.mkv", "a.aiff", "a.wma", "a.caf", "a.avi", "a.flv"])(
      "%s, and a WAV file behind it",
      async (name) => {
        const middle = write(name);
        const each = await Promise.all([head(), middle].map((part) => loadAudio(part)));
        const sum = each.reduce((total, { duration }) => total + duration, 0);
        const two = join(head(), middle);
        const audio = await loadAudio(two);
        expect(audio).toMatchObject({ truncated: false, warnings: [] });
        expect(audio.duration).toBeCloseTo(sum, 6);
        expect(audio.samples.subarray(-each[1]!.samples.length)).toEqual(each[1]!.samples);
        expect((await loadAudio(inPieces(two))).samples).toEqual(audio.samples);
        if (!/m4a|aac|mp2|ac3|avi/u.test(name)) return; // their headers do not tell where they end
        const three = await loadAudio(join(two, new Uint8Array(readFileSync(clip))));
        expect(three).toMatchObject({ truncated: false, warnings: [] });
        expect(three.duration).toBeCloseTo(sum + seconds, 6);
      },
    );
  });

  it.each([
    ["a.m4a", "a.m4a"],
    ["a.aac", "a.mp2"],
    ["a.mp2", "a.m4a"],
    ["a.ac3", "a.aac"],
  ])("%s and %s", async (one, two) => {
    const each = await Promise.all([one, two].map((name) => loadAudio(write(name))));
    const audio = await loadAudio(join(write(one), write(two)));
    expect(audio.warnings).toEqual([]);
    expect(audio.duration).toBeCloseTo(each[0]!.duration + each[1]!.duration, 6);
  });

  it("what it says when it decodes nothing is in the error", async () => {
    const bytes = write("a.flv").slice(0, 300);
    await expect(loadAudio(bytes)).rejects.toMatchObject({ message: expect.stringMatching(/ffmpeg.*: ./u) });
  });
});
