/** Malicious and damaged WAV files: each gives its error code. */
import { describe, expect, it } from "vitest";
import { hostileWavs } from "../../helpers/builders/hostile-wav.ts";
import { AudioError } from "../../../src/errors.ts";
import { loadAudio } from "../../../src/audio/container.ts";

const read = (file: Uint8Array, strict = false) => loadAudio(file, { ffmpeg: false, strict });

describe("WAV files that are refused", () => {
  it.each(hostileWavs)("%s", async (_, file, code) => {
    const before = performance.now();
    const error = await read(file).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(AudioError);
    expect((error as AudioError).code).toBe(code);
    expect(performance.now() - before).toBeLessThan(2000);
  });

  it("are more than forty-five", () => expect(hostileWavs.length).toBeGreaterThanOrEqual(45));
});
