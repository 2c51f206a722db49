import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { furthest, tinySamples, tones } from "../helpers/builders/speech.ts";
import { AudioError, FunAsrError, UsageError } from "../../src/errors.ts";
import { defaultFrontend, planFrontend } from "../../src/frontend/frontend.ts";
import { melFilters } from "../../src/frontend/mel.ts";
import { floatsOf, readSafetensors } from "../../src/checkpoints/safetensors/index.ts";

const frontend = planFrontend(defaultFrontend);
const root = resolve(import.meta.dirname, "../..");

const kaldiMel = melFilters({
  shape: "mel",
  filters: 80,
  sampleRate: 16000,
  fftLength: 512,
  lowHz: 20,
  highHz: 8000,
});

/** The code of the error that `run` throws. */
function refusal(run: () => unknown): string | undefined {
  try {
    run();
  } catch (error) {
    if (error instanceof FunAsrError) return error.code;
  }
  return undefined;
}

describe("mel filters", () => {
  it("weigh the bins as Kaldi's do", () => {
    const rounded = (b: number): number[] => [...kaldiMel[b]!.weights].map((w) => Math.round(w * 1e4) / 1e4);
    expect([kaldiMel[0]!.first, rounded(0)]).toEqual([1, [0.504, 0.1357]]);
    expect([kaldiMel[1]!.first, rounded(1)]).toEqual([2, [0.8643]]);
    expect([kaldiMel[2]!.first, rounded(2).length]).toEqual([3, 1]);
    expect([kaldiMel[40]!.first, rounded(40)]).toEqual([57, [0.2189, 0.6258, 0.9724, 0.5755, 0.1834]]);
    expect([kaldiMel[79]!.first, rounded(79).length]).toEqual([240, 16]);
    const total = kaldiMel.flatMap(({ weights }) => [...weights]).reduce((sum, w) => sum + w, 0);
    expect(total).toBeCloseTo(250.7508, 4);
  });
});

it("removes the mean of a clip: a constant is silence", () => {
  const htk = planFrontend(defaultFrontend, "htk");
  for (const samples of [400, 801, 16_000]) {
    const silence = htk.fbank(new Float32Array(samples)).values;
    expect(htk.fbank(new Float32Array(samples).fill(0.5)).values).toEqual(silence);
  }
});

describe("frame arithmetic", () => {
  it.each([
    [0.5, 48, 8],
    [1, 98, 17],
    [5, 498, 83],
    [10, 998, 167],
    [11, 1098, 183],
    [15, 1498, 250],
    [30, 2998, 500],
    [60, 5998, 1000],
  ])("%s s are %i frames and %i rows", (seconds, frames, rows) => {
    const samples = new Float32Array(seconds * 16000);
    expect(frontend.rows(samples.length)).toBe(rows);
    const fbank = frontend.fbank(samples);
    expect(fbank.rows).toBe(frames);
    expect(frontend.stack(fbank)).toMatchObject({ rows, cols: 560 });
  });

  it("agrees between counting and computing at every length near an edge, in every variant", () => {
    for (const variant of ["kaldi", "htk", "sherpa"] as const) {
      const planned = planFrontend(defaultFrontend, variant);
      for (const samples of [400, 559, 560, 1039, 1040, 1041, 1359, 1360, 2000, 2001]) {
        const compute = (): number => planned.features(new Float32Array(samples)).rows;
        expect(planned.rows(samples) === 0 ? refusal(compute) : compute()).toEqual(
          planned.rows(samples) || "audio_too_short",
        );
      }
    }
  });
});

describe("golden values", () => {
  it("has FunASR's features of a 440 Hz tone", () => {
    const { values, rows, cols } = frontend.features(tones(16000, [1, 440]));
    expect([rows, cols]).toEqual([17, 560]);
    const first = [13.2785, 14.2876, 14.4974, 13.8074, 13.1168, 13.6245, 15.0583, 15.8266];
    expect(furthest(values.slice(0, 8), first)).toBeLessThan(1e-4);
    const mean = values.reduce((sum, v) => sum + v, 0) / values.length;
    const variance = values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / (values.length - 1);
    expect(mean).toBeCloseTo(14.56, 4);
    expect(Math.sqrt(variance)).toBeCloseTo(2.9586, 4);
  });

  it("has FunASR's log-mel values of two tones", () => {
    const { values, cols } = frontend.fbank(tones(16000, [0.5, 440], [0.25, 1234.5]));
    const at = (row: number): number[] => [0, 1, 10, 20, 40, 79].map((b) => values[row * cols + b]!);
    expect(furthest(at(0), [13.3977, 14.1914, 12.9963, 14.422, 15.1017, 13.5419])).toBeLessThan(1e-3);
    expect(furthest(at(97), [13.7568, 14.6591, 13.8175, 15.8292, 14.3812, 11.4258])).toBeLessThan(1e-3);
  });

  it("agrees with FunASR's WavFrontend at awkward lengths", async () => {
    const golden = await readSafetensors(`${root}/fixtures/reference/frontend.safetensors`);
    const offset = Number(golden.metadata.get("offset"));
    for (const length of [400, 401, 559, 560, 4801]) {
      const clip = tinySamples().slice(offset, offset + length);
      const fbank = frontend.fbank(clip);
      const features = frontend.features(clip);
      for (const [stage, ours] of [
        ["fbank", fbank],
        ["lfr", features],
      ] as const) {
        const theirs = golden.tensors.get(`${stage}.${length}`)!;
        expect(theirs.shape).toEqual([ours.rows, ours.cols]);
        expect(furthest(ours.values, floatsOf(theirs))).toBeLessThan(5e-4);
      }
    }
  });

  it("is the logarithm of the floor in digital silence", () => {
    const { values } = frontend.features(new Float32Array(1600));
    expect(new Set(values)).toEqual(new Set([Math.fround(Math.log(2 ** -23))]));
  });

  const golden = JSON.parse(readFileSync(`${import.meta.dirname}/golden/variants.json`, "utf8")) as {
    offset: number;
    samples: number;
    variants: Record<string, { frames: number; rows: Record<string, number[]> }>;
  };
  it.each(["htk", "sherpa"] as const)("agrees with torchaudio's parts put together as %s does", (variant) => {
    const clip = tinySamples().slice(golden.offset, golden.offset + golden.samples);
    const { values, rows, cols } = planFrontend(defaultFrontend, variant).fbank(clip);
    const theirs = golden.variants[variant]!;
    expect(rows).toBe(theirs.frames);
    for (const [row, numbers] of Object.entries(theirs.rows)) {
      const ours = values.subarray(Number(row) * cols, (Number(row) + 1) * cols);
      expect(furthest(ours, numbers)).toBeLessThan(1e-3);
    }
  });
});

describe("tones", () => {
  it.each([100, 300, 440, 1000, 2500, 5000, 7500])(
    "%i Hz peak in the filter that is centered nearest",
    (hz) => {
      const { values, cols } = frontend.fbank(tones(4000, [0.5, hz]));
      const frame = [...values.subarray(5 * cols, 6 * cols)];
      const loudest = frame.indexOf(Math.max(...frame));
      const weightsAt = kaldiMel.map(({ first, weights }) => weights[Math.round(hz / 31.25) - first] ?? 0);
      expect(weightsAt[loudest]).toBeGreaterThan(0);
    },
  );

  it("a gain adds its square's logarithm", () => {
    const loud = frontend.fbank(tones(4000, [0.5, 300], [0.3, 2000])).values;
    const quiet = frontend.fbank(tones(4000, [0.25, 300], [0.15, 2000])).values;
    expect(
      furthest(
        loud,
        quiet.map((v) => v + Math.log(4)),
      ),
    ).toBeLessThan(2e-3);
  });
});

it("cuts lengths in milliseconds to whole samples, as Kaldi does", () => {
  const { rows } = planFrontend({
    ...defaultFrontend,
    sampleRate: 11_025,
    frameLengthMs: 20, // 220.5 samples
    frameShiftMs: 10, // 110.25
    lfrM: 1,
    lfrN: 1,
  });
  expect([219, 220, 329, 330, 440].map(rows)).toEqual([0, 1, 1, 2, 3]);
});

describe("refusals", () => {
  it("gives the shortest length, and a remedy", () => {
    const error = (() => {
      try {
        frontend.features(new Float32Array(160));
        return undefined;
      } catch (caught) {
        return caught;
      }
    })();
    expect(error).toBeInstanceOf(AudioError);
    expect(error).toMatchObject({ code: "audio_too_short" });
    expect((error as Error).message).toBe(
      "audio: 160 samples (10.0 ms); wanted at least 400 samples (25 ms) at 16000 Hz. " +
        "The clip is too short for speech: skip it, or add silence to it",
    );
    expect(() => frontend.features(new Float32Array(399))).toThrow(AudioError);
    expect(frontend.features(new Float32Array(400)).rows).toBe(1);
  });

  it.each([
    ["nMels", 0],
    ["nMels", 513],
    ["nMels", 80.5],
    ["sampleRate", 1],
    ["sampleRate", 3999],
    ["sampleRate", 384_001],
    ["frameLengthMs", NaN],
    ["frameLengthMs", 0.9],
    ["frameLengthMs", 1001],
    ["frameShiftMs", 0.9],
    ["frameShiftMs", 1001],
    ["lfrM", 0],
    ["lfrM", 65],
    ["lfrN", 0],
    ["lfrN", 65],
    ["lfrN", Infinity],
  ])("refuses %s = %s", (name, value) => {
    expect(() => planFrontend({ ...defaultFrontend, [name]: value })).toThrow(UsageError);
  });

  it.each([
    ["nMels", 1],
    ["sampleRate", 4000],
    ["frameLengthMs", 1000],
    ["frameShiftMs", 1],
    ["frameShiftMs", 1000],
    ["lfrM", 1],
    ["lfrM", 64],
    ["lfrN", 1],
    ["lfrN", 64],
  ])("takes %s = %s", (name, value) => {
    expect(planFrontend({ ...defaultFrontend, [name]: value }).rows(16_000 * 100)).toBeGreaterThan(0);
  });

  it("refuses an unknown variant and an unknown window", () => {
    expect(() => planFrontend(defaultFrontend, "constructor" as "kaldi")).toThrow(UsageError);
    expect(() => planFrontend({ ...defaultFrontend, window: "hann" as "hamming" })).toThrow(UsageError);
  });
});
