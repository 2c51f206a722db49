/** Label times against FunASR's alignment. */
import { describe, expect, it } from "vitest";
import { labelSpans } from "../../src/search/sensevoice-timestamps.ts";
import { paraformerTables } from "../helpers/paraformer-tables.ts";

describe("labelSpans", () => {
  it.each(paraformerTables.aligned)("are FunASR's for $labels", ({ logProbs, labels, spans }) => {
    const posteriors = {
      logProbs: Float32Array.from(logProbs.flat()),
      frames: logProbs.length,
      vocabSize: logProbs[0]!.length,
    };
    const before = posteriors.logProbs.slice();
    const ours = labelSpans(posteriors, labels, 0);
    expect(ours.map(({ start, end }) => [start, end])).toEqual(spans);
    expect(posteriors.logProbs).toEqual(before);
    for (const { score } of ours) expect(score).toBeGreaterThan(1 / logProbs[0]!.length);
  });

  it("are none where the labels do not fit", () => {
    const posteriors = { logProbs: Float32Array.of(-1, -1), frames: 1, vocabSize: 2 };
    expect(labelSpans(posteriors, [1, 1], 0)).toEqual([]);
  });
});
