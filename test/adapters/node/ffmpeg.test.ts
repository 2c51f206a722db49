/** Decoding through ffmpeg: with a stand-in program, and with ffmpeg itself where it is installed. */
import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join as joinPath, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { float32, wav } from "../../helpers/builders/wav.ts";
import { loadAudio, streamAudio } from "../../../src/audio/container.ts";

const opus = resolve(import.meta.dirname, "../../audio/compressed/mono.opus");
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(joinPath(tmpdir(), "fun-asr-test-"));
  // The stand-ins have no extension: their module type must not depend on a package.json further up.
  writeFileSync(joinPath(folder, "package.json"), JSON.stringify({ type: "commonjs" }));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** A program that records its arguments and then runs `script`. */
function standIn(script: string): string {
  const path = joinPath(folder, `ffmpeg-${Math.random().toString(36).slice(2)}`);
  const note = `require("fs").writeFileSync(${JSON.stringify(joinPath(folder, "arguments"))}, JSON.stringify(process.argv.slice(2)));`;
  writeFileSync(path, `#!${process.execPath}\n${note}\n${script}`);
  chmodSync(path, 0o755);
  return path;
}
const samples = Array.from({ length: 4000 }, (_, i) => Math.fround(Math.sin(i)));
const stream = wav(float32(...samples), { tag: 3, bits: 32, channels: 2, dataLength: 0xffffffff });
const print = `process.stdout.write(Buffer.from("${Buffer.from(stream).toString("base64")}", "base64"));`;

describe.skipIf(process.platform === "win32")("a stand-in for ffmpeg", () => {
  it("gets fixed arguments and a file, and its samples are decoded", async () => {
    const audio = await loadAudio(opus, { ffmpeg: standIn(print) });
    const mean = Float32Array.from({ length: 2000 }, (_, i) => (samples[2 * i]! + samples[2 * i + 1]!) / 2);
    expect(audio.samples).toEqual(mean);
    expect(audio).toMatchObject({ channels: 2, sourceRate: 16000, truncated: false, warnings: [] });
    const given = JSON.parse(readFileSync(joinPath(folder, "arguments"), "utf8")) as string[];
    expect(given.slice(0, 6)).toEqual([
      "-v",
      "error",
      "-nostdin",
      "-protocol_whitelist",
      "file",
      "-format_whitelist",
    ]);
    expect(given).toContain(`file:${opus}`);
    expect(given.slice(-3)).toEqual(["-f", "wav", "pipe:1"]);
  });

  it("gets bytes through a pipe, all of them", async () => {
    const count = `let n = 0; process.stdin.on("data", (b) => (n += b.length)).on("end", () => {
      if (n !== ${readFileSync(opus).length}) process.exit(1); ${print} });`;
    expect((await loadAudio(readFileSync(opus), { ffmpeg: standIn(count) })).samples).toHaveLength(2000);
  });

  it("can fail, and its message is reported", async () => {
    const ffmpeg = standIn(`process.stderr.write("it is broken\\nmore\\n"); process.exitCode = 3;`);
    await expect(loadAudio(opus, { ffmpeg })).rejects.toMatchObject({
      code: "audio_malformed",
      message: expect.stringMatching(/Ogg Opus: it is broken$/u),
    });
  });

  it("can print a warning, and then the audio counts as incomplete", async () => {
    const ffmpeg = standIn(`process.stderr.write("a bad packet\\n"); ${print}`);
    expect(await loadAudio(opus, { ffmpeg })).toMatchObject({
      truncated: true,
      warnings: ["ffmpeg: a bad packet"],
    });
  });

  it("is stopped when it writes without end", async () => {
    const ffmpeg = standIn(
      `${print} const zeros = Buffer.alloc(2 ** 20); const more = () => process.stdout.write(zeros, more); more();`,
    );
    await expect(loadAudio(opus, { ffmpeg, maxSeconds: 60 })).rejects.toMatchObject({
      code: "audio_too_long",
    });
  });

  it("is stopped when the caller stops reading", async () => {
    const ffmpeg = standIn(`${print} setInterval(() => {}, 1000);`);
    const pieces = streamAudio(opus, { ffmpeg });
    expect((await pieces.next()).done).toBe(false);
    await pieces.return(undefined as never);
  });
});

const real = spawnSync("ffmpeg", ["-version"]).status === 0;
if (!real) console.warn("skipped: there is no ffmpeg on this machine to decode Opus with");

describe.skipIf(!real)("ffmpeg itself", () => {
  it("decodes Opus, from a file and from a pipe", async () => {
    const fromFile = await loadAudio(opus);
    expect(fromFile).toMatchObject({ sourceRate: 48_000, channels: 1, truncated: false });
    expect(fromFile.duration).toBeCloseTo(0.375, 2);
    expect((await loadAudio(readFileSync(opus))).samples).toEqual(fromFile.samples);
  });
});
