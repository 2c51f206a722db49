/** Decoding through ffmpeg: with a stand-in program. containers.test.ts has ffmpeg itself. */
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join as joinPath } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { float32, join, text, wav } from "../../helpers/builders/wav.ts";
import { loadAudio, streamAudio } from "../../../src/audio/container.ts";

let folder: string;
/** A file that only ffmpeg decodes, by its first bytes. */
let aiff: string;

beforeAll(() => {
  folder = mkdtempSync(joinPath(tmpdir(), "fun-asr-test-"));
  aiff = joinPath(folder, "talk.aiff");
  writeFileSync(aiff, join(text("FORM"), new Uint8Array(4), text("AIFF"), new Uint8Array(600_000)));
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
    const audio = await loadAudio(aiff, { ffmpeg: standIn(print) });
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
    expect(given).toContain(`file:${aiff}`);
    expect(given.slice(-3)).toEqual(["-f", "wav", "pipe:1"]);
  });

  it("gets bytes through a pipe, all of them", async () => {
    const count = `let n = 0; process.stdin.on("data", (b) => (n += b.length)).on("end", () => {
      if (n !== ${readFileSync(aiff).length}) process.exit(1); ${print} });`;
    expect((await loadAudio(readFileSync(aiff), { ffmpeg: standIn(count) })).samples).toHaveLength(2000);
  });

  it("can fail, and its message is reported", async () => {
    const ffmpeg = standIn(`process.stderr.write("it is broken\\nmore\\n"); process.exitCode = 3;`);
    await expect(loadAudio(aiff, { ffmpeg })).rejects.toMatchObject({
      code: "audio_malformed",
      message: expect.stringMatching(/AIFF: it is broken$/u),
    });
  });

  it("can print a warning, and then the audio counts as incomplete", async () => {
    const ffmpeg = standIn(`process.stderr.write("a bad packet\\n"); ${print}`);
    expect(await loadAudio(aiff, { ffmpeg })).toMatchObject({
      truncated: true,
      warnings: ["ffmpeg: a bad packet"],
    });
  });

  it("may have less to say than the header's wait, and its complaint is kept where it decodes nothing", async () => {
    const short = wav(float32(0.25, 0.5), { tag: 3, bits: 32, dataLength: 0xffffffff });
    const few = `process.stdout.write(Buffer.from("${Buffer.from(short).toString("base64")}", "base64"));`;
    expect((await loadAudio(aiff, { ffmpeg: standIn(few) })).samples).toEqual(Float32Array.of(0.25, 0.5));
    const none = standIn(`process.stderr.write("Invalid data found\\n");`);
    await expect(loadAudio(aiff, { ffmpeg: none })).rejects.toMatchObject({
      code: "audio_empty",
      message: expect.stringContaining("ffmpeg: Invalid data found"),
    });
  });

  it("gets a stream whose failure is reported, not ffmpeg's", async () => {
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield new Uint8Array(readFileSync(aiff)).subarray(0, 300_000);
      throw new Error("the line is dead");
    }
    const ffmpeg = standIn(`process.stdin.resume().on("end", () => { ${print} });`);
    await expect(loadAudio(broken(), { ffmpeg })).rejects.toThrow("the line is dead");
  });

  it("is stopped when it writes without end", async () => {
    const ffmpeg = standIn(
      `${print} const zeros = Buffer.alloc(2 ** 20); const more = () => process.stdout.write(zeros, more); more();`,
    );
    await expect(loadAudio(aiff, { ffmpeg, maxSeconds: 60 })).rejects.toMatchObject({
      code: "audio_too_long",
    });
  });

  it("is stopped when the caller stops reading", async () => {
    const ffmpeg = standIn(`${print} setInterval(() => {}, 1000);`);
    const pieces = streamAudio(aiff, { ffmpeg });
    expect((await pieces.next()).done).toBe(false);
    await pieces.return(undefined as never);
  });
});
