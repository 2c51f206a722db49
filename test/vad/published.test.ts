/**
 * The published FSMN-VAD in every container against FunASR's own class, in every millisecond.
 * fixtures/published/fetch_fsmn_vad.py fetches the files, fixtures/reference/make_fsmn_vad_segments.py ran the original.
 */
import { existsSync, readFileSync } from "node:fs";
import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { loadAudio } from "../../src/audio/container.ts";
import { detectSpeech } from "../../src/index.ts";
import { fixture } from "../helpers/environment/fixtures.ts";
import { cli } from "../helpers/environment/screen.ts";
import { shared } from "../helpers/environment/shared.ts";
import { temporaryFolder } from "../helpers/environment/temporary.ts";

const RATE = 16_000;
const HOUR = 3600 * RATE;

type Segments = readonly (readonly [number, number])[];
const { recordings, hours } = JSON.parse(
  readFileSync(fixture("reference/fsmn-vad-segments.json"), "utf8"),
) as {
  readonly recordings: Readonly<Record<string, Segments>>;
  readonly hours: Readonly<Record<string, Segments>>;
};

const folder = fixture("published/fsmn-vad");
const audio = shared("audio");
const isThere = existsSync(folder) && audio !== undefined;
if (!existsSync(folder))
  console.warn("skipped: fixtures/published/fetch_fsmn_vad.py fetches the published FSMN-VAD");

async function segmentsOf(samples: Float32Array, vad: string): Promise<Segments> {
  const spans = await detectSpeech(samples, { vad });
  return spans.map(({ start, end }) => [Math.round(1000 * start), Math.round(1000 * end)]);
}

describe.skipIf(!isThere)("the published weights", () => {
  it.each(["", "model.pt", "model.onnx"])("give FunASR's segments from the folder, %s", async (file) => {
    for (const [name, expected] of Object.entries(recordings)) {
      const { samples } = await loadAudio(join(audio!, name));
      expect(await segmentsOf(samples, join(folder, file))).toEqual(expected);
    }
  });

  it.each(["", "model.pt", "model.onnx"])("are converted in one command, %s", async (file) => {
    const output = join(await temporaryFolder(), "vad.gguf");
    expect((await cli("convert", join(folder, file), "-o", output)).exitCode).toBe(0);
    expect(await cli("inspect", output)).toMatchObject({ exitCode: 0 });
    expect(await cli("compare", output, folder)).toMatchObject({ exitCode: 0 });
    for (const [name, expected] of Object.entries(recordings)) {
      const { samples } = await loadAudio(join(audio!, name));
      expect(await segmentsOf(samples, output)).toEqual(expected);
    }
  });

  it("are enough without config.yaml", async () => {
    const bare = await temporaryFolder();
    for (const file of ["model.onnx", "am.mvn"]) await copyFile(join(folder, file), join(bare, file));
    expect(await cli("compare", bare, folder)).toMatchObject({ exitCode: 0 });
  });

  it.each(Object.entries(hours))(
    "give FunASR's segments of hour %s",
    async (seed, expected) => {
      const clips = await Promise.all(
        Object.keys(recordings).map(async (name) => (await loadAudio(join(audio!, name))).samples),
      );
      expect(expected.length).toBeGreaterThan(300);
      expect(await segmentsOf(hour(clips, Number(seed)), folder)).toEqual(expected);
    },
    600_000,
  );
});

/** Clips in random order with random pauses, of silence or of faint noise, as the script makes them. */
function hour(clips: readonly Float32Array[], seed: number): Float32Array {
  let state = BigInt(seed);
  const draw = (bound: number): number => {
    state = BigInt.asUintN(32, state * 1_664_525n + 1_013_904_223n);
    return Number(state >> 8n) % bound;
  };
  const samples = new Float32Array(HOUR);
  for (let at = 0; at < HOUR;) {
    const clip = clips[draw(clips.length)]!;
    samples.set(clip.subarray(0, HOUR - at), at);
    at += clip.length;
    const pause = draw(4 * RATE);
    const isNoise = draw(2) === 1;
    if (isNoise) {
      for (let i = 0; i < pause; i++) {
        const value = (draw(33) - 16) / 32_768;
        if (at + i < HOUR) samples[at + i] = value;
      }
    }
    at += pause;
  }
  return samples;
}
