import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { seededRandom } from "../../src/decoding/random.ts";
import { createSampler } from "../../src/decoding/sampling.ts";

const LOGITS = Float32Array.from([0.5, 2, -1, 2, 1, 0]);

describe("random numbers", () => {
  it("are those of xoshiro128** after SplitMix32", () => {
    // From an independent implementation with big integers, seed 1.
    const random = seededRandom(1);
    expect(Array.from({ length: 50 }, () => random() * 2 ** 32)).toEqual(reference(1, 50));
  });

  it("have the mean and variance of a uniform distribution", () => {
    const random = seededRandom(7);
    const values = Array.from({ length: 100_000 }, random);
    const mean = values.reduce((a, b) => a + b) / values.length;
    const variance = values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length;
    expect(mean).toBeCloseTo(0.5, 2);
    expect(variance).toBeCloseTo(1 / 12, 2);
  });
});

describe("sampling", () => {
  const all = [0, 1, 2, 3, 4, 5];

  it("is greedy at temperature 0", () => {
    expect(draws({ temperature: 0, seed: 5 }, 10)[1]).toBeCloseTo(1);
  });

  it.each([
    [{ temperature: 1 }, softmax(1, all)],
    [{ temperature: 0.3 }, softmax(0.3, all)],
    [{ temperature: 1, topK: 3 }, softmax(1, [1, 3, 4])],
    [{ temperature: 1, topK: 1 }, softmax(1, [1])],
    [{ temperature: 1, topK: 99 }, softmax(1, all)],
    [{ temperature: 1, topP: 0.7 }, softmax(1, [1, 3])], // each has 0.353
    [{ temperature: 1, topP: 0.75 }, softmax(1, [1, 3, 4])],
    [{ temperature: 1, topP: 1e-9 }, softmax(1, [1])],
    [{ temperature: 1, topK: 4, topP: 0.9 }, softmax(1, [1, 3, 4])], // 0.844 of the four are two, 0.93 three
  ])("%o has the right distribution", (options, expected) => {
    for (const [id, share] of draws({ ...options, seed: 3 }).entries())
      expect(Math.abs(share - (expected[id] ?? 0))).toBeLessThan(0.015);
  });

  it("repeats itself with the same seed and not with another", () => {
    expect(run(4)).toEqual(run(4));
    expect(run(4)).not.toEqual(run(5));
  });

  it("takes the k best by logit, then id", () => {
    const logits = fc.array(fc.integer({ min: -3, max: 3 }), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(logits, fc.integer({ min: 1, max: 10 }), fc.nat(), (values, topK, seed) => {
        const ranked = values.map((_, id) => id).sort((a, b) => (values[b] ?? 0) - (values[a] ?? 0) || a - b);
        const sampler = createSampler({ temperature: 5, topK, seed });
        for (let i = 0; i < 5; i++)
          expect(ranked.slice(0, topK)).toContain(sampler(Float32Array.from(values)));
      }),
    );
  });

  it.each([
    { temperature: -1 },
    { temperature: NaN },
    { topK: 1.5 },
    { topK: -1 },
    { topP: 0 },
    { topP: 1.1 },
    { seed: -1 },
    { seed: 2 ** 32 },
  ])("refuses %o", (options) => {
    expect(() => createSampler(options)).toThrow(expect.objectContaining({ code: "bad_option" }));
  });
});

/** How often each id is sampled. */
function draws(options: object, count = 20_000): number[] {
  const sampler = createSampler(options);
  const ids = Array.from({ length: count }, () => sampler(LOGITS));
  return Array.from(LOGITS, (_, id) => ids.filter((drawn) => drawn === id).length / count);
}

function softmax(temperature: number, among: number[]): number[] {
  const weights = Array.from(LOGITS, (x, id) => (among.includes(id) ? Math.exp(x / temperature) : 0));
  const total = weights.reduce((a, b) => a + b);
  return weights.map((weight) => weight / total);
}

function run(seed: number): number[] {
  const sampler = createSampler({ temperature: 1, seed });
  return Array.from({ length: 50 }, () => sampler(LOGITS));
}

function reference(seed: number, count: number): number[] {
  const M = 2n ** 32n;
  const rotate = (x: bigint, k: bigint): bigint => ((x << k) | (x >> (32n - k))) % M;
  let mix = BigInt(seed);
  const splitMix = (): bigint => {
    mix = (mix + 0x9e3779b9n) % M;
    let z = ((mix ^ (mix >> 16n)) * 0x21f0aaadn) % M;
    z = ((z ^ (z >> 15n)) * 0x735a2d97n) % M;
    return z ^ (z >> 15n);
  };
  const s = [splitMix(), splitMix(), splitMix(), splitMix()] as [bigint, bigint, bigint, bigint];
  return Array.from({ length: count }, () => {
    const result = (rotate((s[1] * 5n) % M, 7n) * 9n) % M;
    const t = (s[1] << 9n) % M;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotate(s[3], 11n);
    return Number(result);
  });
}

it("draws from all tokens in the order of their ids, and from the most likely ones in that of their probabilities", () => {
  const logits = Float32Array.of(0, 1);
  const pairs = Array.from({ length: 50 }, (_, seed) =>
    [0, 2].map((topK) => createSampler({ temperature: 1, topK, seed })(logits)).join(" "),
  );
  expect(new Set(pairs)).toEqual(new Set(["0 1", "1 1", "1 0"]));
});
