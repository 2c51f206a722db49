/** Compressed files that are cut, forged, damaged or bombs: refused by name, or read with a warning, in bounded time. */
import { describe, expect, it } from "vitest";
import { uniform } from "../../helpers/builders/random.ts";
import { survey } from "../../../tools/fuzz/survey.ts";
import { compressed, refusedAudio, shortAudio } from "../../helpers/builders/hostile-compressed.ts";
import { join } from "../../helpers/builders/wav.ts";
import { AudioError } from "../../../src/errors.ts";
import { loadAudio } from "../../../src/audio/container.ts";
import type { AudioOptions } from "../../../src/audio/container.ts";

const load = (input: Uint8Array, options: AudioOptions = {}) =>
  loadAudio(input, { ffmpeg: false, ...options });

describe("compressed files that are refused", () => {
  const rows = refusedAudio.map(([what, input, code, options]) => ({ what, input, code, options }));
  it.each(rows)("$what", async ({ input, code, options }) => {
    const error = await load(input, options).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(AudioError);
    expect((error as AudioError).code).toBe(code);
  });

  it("are more than twenty", () => expect(refusedAudio.length).toBeGreaterThanOrEqual(20));
});

describe("compressed files with something missing", () => {
  it.each(shortAudio)("%s is read with a warning, and refused when strict", async (_, input) => {
    const strict = load(input, { strict: true });
    await expect(strict).rejects.toMatchObject({ code: expect.stringMatching(/^audio_(truncated|empty)$/u) });
    const lax = await load(input).catch((error: AudioError) => error.code);
    expect(
      lax === "audio_empty" || (typeof lax === "object" && lax.truncated && lax.warnings.length > 0),
    ).toBe(true);
  });
});

describe("mutants of containers", () => {
  it.each(["webm", "mp4"] as const)(
    "300 of %s end in samples or in a FunAsrError, in time",
    { timeout: 300_000 },
    async (name) => {
      const { read, refused, slowest } = await survey(name, 0, 300);
      expect(read).toBeGreaterThan(30);
      expect(refused).toBeGreaterThan(20);
      expect(slowest).toBeLessThan(5_000);
    },
  );
});

describe("mutants of compressed files", () => {
  it("100 of each end in samples or in an AudioError", { timeout: 300_000 }, async () => {
    const seed = Number(process.env["FUN_ASR_SEED"] ?? 1);
    const random = uniform(seed);
    const below = (n: number): number => Math.floor(random() * n);
    const outcomes = new Map<string, number>();
    for (const original of [
      "mono-16.flac",
      "mono.mp3",
      "mono.ogg",
      "stereo.mp3",
      "mono.opus",
      "opus.m4a",
    ].map(compressed)) {
      for (let i = 0; i < 100; i++) {
        let mutant: Uint8Array = original.slice();
        for (let edits = 1 + below(4); edits > 0; edits--) {
          const at = below(i % 3 === 0 ? 120 : mutant.length);
          const kind = below(4);
          if (kind < 2) mutant[at] = below(256);
          else if (kind === 2) mutant = mutant.slice(0, Math.max(at, 60));
          else mutant = join(mutant.slice(0, at), mutant.slice(at + below(50)));
        }
        const outcome = await load(mutant, { maxSeconds: 600 }).then(
          ({ samples }) => (samples.every(Number.isFinite) ? "read" : "wrong"),
          (error: unknown) => (error instanceof AudioError ? "refused" : String(error)),
        );
        outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
      }
    }
    expect([...outcomes.keys()].sort(), `seed ${seed}`).toEqual(["read", "refused"]);
  });
});
