import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { alignLabels, forcedAlign } from "../../src/decoding/forced-align.ts";
import type { Posteriors } from "../../src/decoding/ctc.ts";
import { golden } from "../helpers/environment/text-fixtures.ts";

interface Case {
  readonly vocabSize: number;
  readonly labels: number[];
  readonly logProbs: number[];
  readonly path: number[];
}

interface FunAsrCase {
  readonly targets: number[];
  readonly blank: number;
  readonly logProbs: number[][];
  readonly path: number[] | null;
  readonly groups: { token: number; start_time: number; end_time: number; score: number }[];
}
const funasr = JSON.parse(
  readFileSync(resolve(import.meta.dirname, "../../fixtures/reference/ctc-align.json"), "utf8"),
) as { cases: FunAsrCase[] };

const toPosteriors = (logProbs: number[], vocabSize: number): Posteriors => ({
  logProbs: Float32Array.from(logProbs),
  frames: logProbs.length / vocabSize,
  vocabSize,
});

describe("against torchaudio", () => {
  const cases = golden("forced-align.json") as Case[];
  it.each(cases.map((golden_, index) => [index, golden_] as const))(
    "case %i",
    (_, { vocabSize, labels, logProbs, path }) => {
      const posteriors = toPosteriors(logProbs, vocabSize);
      expect([...(forcedAlign(posteriors, labels, vocabSize - 1) ?? [])]).toEqual(path);
    },
  );
});

describe("against FunASR", () => {
  it.each(funasr.cases)(
    "targets $targets, $logProbs.length frames",
    ({ targets, blank, logProbs, path, groups }) => {
      const posteriors = toPosteriors(logProbs.flat(), blank + 1);
      const found = forcedAlign(posteriors, targets, blank);
      expect(found === undefined ? null : [...found]).toEqual(path);
      const labels = alignLabels(posteriors, targets, blank);
      expect(labels.map(({ id, start, end }) => [id, start, end])).toEqual(
        groups.map(({ token, start_time, end_time }) => [token, start_time, end_time]),
      );
      for (const [i, { score }] of labels.entries()) expect(score).toBeCloseTo(groups[i]?.score ?? NaN, 3);
    },
  );
});

describe("among equal paths", () => {
  const flat = Array.from({ length: 12 }, () => -1);
  it.each([
    ["stays rather than steps", flat, [0, 1, 1, 1]],
    ["steps rather than skips", flat.with(4, -5), [0, 2, 1, 1]], // label 1 is improbable in frame 1
  ])("%s", (_, logProbs, path) => {
    expect([...(forcedAlign(toPosteriors(logProbs, 3), [0, 1], 2) ?? [])]).toEqual(path);
  });
});

describe("against all paths", () => {
  const random = fc
    .record({
      vocabSize: fc.integer({ min: 2, max: 4 }),
      frames: fc.integer({ min: 1, max: 6 }),
      labels: fc.array(fc.nat(2), { minLength: 1, maxLength: 4 }),
    })
    .filter(({ vocabSize, labels }) => labels.every((id) => id < vocabSize - 1))
    .chain((shape) =>
      fc.record({
        ...Object.fromEntries(Object.entries(shape).map(([key, value]) => [key, fc.constant(value)])),
        logProbs: fc.array(
          fc.integer({ min: -64, max: 0 }).map((x) => x / 8),
          {
            minLength: shape.frames * shape.vocabSize,
            maxLength: shape.frames * shape.vocabSize,
          },
        ),
      }),
    );

  it("finds a path that spells the labels with the highest score, where there is one", () => {
    fc.assert(
      fc.property(random, (shape) => {
        const { vocabSize, frames, labels, logProbs } = shape as unknown as Case & { frames: number };
        const blank = vocabSize - 1;
        const score = (path: number[]): number =>
          path.reduce((sum, id, t) => sum + (logProbs[t * vocabSize + id] ?? NaN), 0);
        const best = Math.max(
          ...allPaths(frames, vocabSize)
            .filter((path) => spells(path, labels, blank))
            .map(score),
        );
        const path = forcedAlign(toPosteriors(logProbs, vocabSize), labels, blank);
        expect(path === undefined).toBe(best === -Infinity);
        if (path === undefined) return;
        expect(spells([...path], labels, blank)).toBe(true);
        expect(score([...path])).toBe(best); // multiples of 1/8: exact
      }),
    );
  });
});

describe("labels with times", () => {
  const quarter = Math.log(0.25);
  const flat: Posteriors = { logProbs: new Float32Array(24).fill(quarter), frames: 6, vocabSize: 4 };

  it("are empty where they do not fit, or where there are none", () => {
    expect(alignLabels(flat, [], 3)).toEqual([]);
    expect(alignLabels(flat, [0, 0, 0, 0], 3)).toEqual([]); // needs three blanks between
    expect(alignLabels({ ...flat, frames: 1 }, [0, 1], 3)).toEqual([]);
  });

  it("fill the frames when there is no room for blanks", () => {
    const labels = alignLabels({ ...flat, frames: 3 }, [0, 1, 2], 3);
    expect(labels.map(({ id, start, end }) => [id, start, end])).toEqual([
      [0, 0, 1],
      [1, 1, 2],
      [2, 2, 3],
    ]);
    expect(labels[0]?.score).toBeCloseTo(0.25);
  });

  it.each([[[4]], [[-1]], [[0.5]], [[3]]])("refuses %j", (labels) => {
    expect(() => alignLabels(flat, labels, 3)).toThrow(expect.objectContaining({ code: "bad_option" }));
  });
});

function allPaths(frames: number, vocabSize: number): number[][] {
  let paths: number[][] = [[]];
  for (let t = 0; t < frames; t++)
    paths = paths.flatMap((path) => Array.from({ length: vocabSize }, (_, id) => [...path, id]));
  return paths;
}

function spells(path: number[], labels: number[], blank: number): boolean {
  const spelled = path.filter((id, t) => id !== path[t - 1]).filter((id) => id !== blank);
  return spelled.length === labels.length && spelled.every((id, i) => id === labels[i]);
}
