import { describe, expect, it } from "vitest";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { readFileSync } from "node:fs";
import { shared } from "../helpers/environment/shared.ts";
import { tinySamples, tinyWav } from "../helpers/builders/speech.ts";
import { wav } from "../helpers/builders/wav.ts";
import { loadAudio } from "../../src/audio/container.ts";

describe("inputs", () => {
  const path = resolve(import.meta.dirname, tinyWav);
  it("path, URL, bytes and samples are the same audio", async () => {
    const wanted = tinySamples();
    const file = readFileSync(path);
    const integers = Int16Array.from(wanted, (v) => v * 32768);
    for (const input of [
      path,
      pathToFileURL(path),
      file,
      new Uint8Array(file).buffer,
      wanted,
      integers,
      { samples: integers, sampleRate: 16000 },
    ]) {
      const audio = await loadAudio(input);
      expect(audio.samples).toEqual(wanted);
      expect(audio).toMatchObject({
        sampleRate: 16000,
        sourceRate: 16000,
        channels: 1,
        duration: wanted.length / 16000,
        truncated: false,
        warnings: [],
      });
    }
  });

  it.each([
    ["a missing file", "/no/such/file.wav", "file_not_found"],
    ["a folder", import.meta.dirname, "file_unreadable"],
    ["a device", "/dev/null", "file_unreadable"],
    ["an empty path", "", "bad_option"],
    ["a web address", new URL("https://example.com/a.wav"), "bad_option"],
    ["no samples", new Float32Array(0), "audio_empty"],
    ["NaN", Float32Array.of(0, NaN), "non_finite"],
    ["a rate of 1 Hz", { samples: new Float32Array(4), sampleRate: 1 }, "audio_rate"],
    [
      "a rate that is not a whole number",
      { samples: new Float32Array(4), sampleRate: 16000.5 },
      "audio_rate",
    ],
    ["samples of another type", { samples: [1, 2], sampleRate: 16000 } as never, "bad_option"],
    ["nothing", undefined as never, "bad_option"],
  ])("refuses %s", async (_, input, code) => {
    await expect(loadAudio(input)).rejects.toMatchObject({ code });
  });

  it.each([
    [new URL("https://example.com/a.wav"), "not on this machine"],
    [new URL("data:audio/wav,"), "not on this machine"],
    ["https://example.com/a.wav", "not on this machine"],
    ["", "no file, bytes or samples"],
    ["a\0.wav", "no file, bytes or samples"],
    [7 as never, "no file, bytes or samples"],
    [null as never, "no file, bytes or samples"],
    [[0.5, 0.25] as never, "no file, bytes or samples"],
  ])("refuses %j: %s", async (input, found) => {
    await expect(loadAudio(input)).rejects.toMatchObject({
      code: "bad_option",
      message: expect.stringContaining(found),
    });
  });

  it.each([
    ["no bytes", new Uint8Array(0), "audio_empty", "0 bytes"],
    ["one byte", new Uint8Array(1), "not_audio", "the first bytes are not those of a known audio format"],
    ["no samples", new Float32Array(0), "audio_empty", "0 samples"],
    ["null as samples", { samples: null, sampleRate: 16_000 } as never, "bad_option", "neither"],
    ["a number as samples", { samples: 7, sampleRate: 16_000 } as never, "bad_option", "neither"],
  ])("refuses %s by what is there", async (_, input, code, found) => {
    await expect(loadAudio(input)).rejects.toMatchObject({ code, message: expect.stringContaining(found) });
  });

  it("takes a single sample", async () => {
    expect((await loadAudio(Float32Array.of(0.5))).samples).toEqual(Float32Array.of(0.5));
  });

  it("stops at the caller's limits, and for the caller's signal", async () => {
    const second = wav(new Uint8Array(32_000));
    await expect(loadAudio(second, { maxSeconds: 0.5 })).rejects.toMatchObject({ code: "audio_too_long" });
    await expect(loadAudio(second, { maxDecodedBytes: 63_999 })).rejects.toMatchObject({
      code: "audio_too_long",
    });
    await expect(loadAudio(second, { maxSeconds: 1, maxDecodedBytes: 64_000 })).resolves.toBeDefined();
    for (const wrong of [NaN, 0, -1]) {
      await expect(loadAudio(second, { maxSeconds: wrong })).rejects.toMatchObject({ code: "bad_option" });
      await expect(loadAudio(second, { maxDecodedBytes: wrong })).rejects.toMatchObject({
        code: "bad_option",
      });
    }
    await expect(loadAudio(second, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      name: "AbortError",
    });
  });
});

describe("real recordings", () => {
  it.each([
    ["jfk.wav", 176_000],
    ["paraformer-zh.wav", 208_832],
    ["funasr-sample.wav", 96_000],
    ["funasr-asr-example.wav", 88_747],
  ])("%s has %i samples", async (name, length) => {
    const path = shared(`audio/${name}`);
    if (path === undefined) return;
    const audio = await loadAudio(path);
    expect(audio.samples.length).toBe(length);
    expect(audio.warnings).toEqual([]);
  });
});
