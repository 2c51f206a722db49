import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bestLabels, collapse, ctcGreedy, frameSeconds, topLabels } from "../../src/decoding/ctc.ts";
import type { TopLabels } from "../../src/decoding/ctc.ts";

/** Top labels of posteriors whose best labels are `path`, each with probability `p`. */
function peaked(path: number[], vocabSize: number, p = 0.9): TopLabels {
  const rest = Math.log((1 - p) / (vocabSize - 1));
  const rows = path.flatMap((best) =>
    Array.from({ length: vocabSize }, (_, v) => (v === best ? Math.log(p) : rest)),
  );
  return topLabels({ logProbs: Float32Array.from(rows), frames: path.length, vocabSize }, 2);
}

describe("greedy CTC", () => {
  it("collapses runs and drops blanks", () => {
    const labels = ctcGreedy(peaked([4, 0, 0, 4, 0, 1, 1, 1, 2, 4], 5), 4);
    expect(labels.map(({ id, start, end }) => [id, start, end])).toEqual([
      [0, 1, 3],
      [0, 4, 5],
      [1, 5, 8],
      [2, 8, 9],
    ]);
    expect(labels[0]?.score).toBeCloseTo(0.9);
  });

  it("scores a label by its best frame", () => {
    const scores = [0.1, 0.8, 0.3];
    expect(collapse([1, 1, 1], 0, (t) => scores[t] ?? 0)).toEqual([{ id: 1, start: 0, end: 3, score: 0.8 }]);
  });

  it("takes the lowest of equal labels", () => {
    const flat = { logProbs: new Float32Array(6), frames: 2, vocabSize: 3 };
    expect([...bestLabels(topLabels(flat, 1))]).toEqual([0, 0]);
  });

  it("drops equal neighbors of the path, then blanks", () => {
    const paths = fc.array(fc.nat(4), { maxLength: 30, size: "max" });
    fc.assert(
      fc.property(paths, (path) => {
        const expected = path.filter((id, t) => id !== path[t - 1]).filter((id) => id !== 4);
        expect(ctcGreedy(peaked(path, 5), 4).map(({ id }) => id)).toEqual(expected);
      }),
    );
  });

  it("counts 60 ms for each frame", () => {
    expect([0, 1, 7, 183].map(frameSeconds)).toEqual([0, 0.06, 0.42, 10.98]);
  });
});
