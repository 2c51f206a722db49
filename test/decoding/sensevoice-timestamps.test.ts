/** Label times against FunASR's forced alignment. */
import { describe, expect, it } from "vitest";
import { ctcGreedy, topLabels } from "../../src/decoding/ctc.ts";
import { labelSpan } from "../../src/decoding/sensevoice-timestamps.ts";
import { paraformerTables } from "../helpers/builders/paraformer-tables.ts";

describe("labelSpan", () => {
  it.each(paraformerTables.aligned)("is FunASR's for each of $labels", ({ logProbs, labels, spans }) => {
    const [frames, vocabSize] = [logProbs.length, logProbs[0]!.length];
    const queries = [0, 0, 0, 0].map(() => [0, ...Array<number>(vocabSize - 1).fill(-9)]);
    const rows = Float32Array.from([...queries, ...logProbs].flat());
    const runs = ctcGreedy(topLabels({ logProbs: rows, frames: frames + 4, vocabSize }, 1), 0);
    expect(runs.map(({ id }) => id)).toEqual(labels);
    expect(runs.map((run) => labelSpan(run, frames + 4, 4)).map(({ start, end }) => [start, end])).toEqual(
      spans,
    );
  });

  it("does not begin before the audio", () => {
    expect(labelSpan({ id: 1, start: 2, end: 5, score: 1 }, 9, 4)).toEqual({ start: 0, end: 0.03 });
  });
});
