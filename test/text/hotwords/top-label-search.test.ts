import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { topLabels } from "../../../src/decoding/ctc.ts";
import type { TopLabels } from "../../../src/decoding/ctc.ts";
import { applyHits, findInTopLabels } from "../../../src/text/hotwords/top-label-search.ts";

const LABELS = [...Array.from("独督都公工你马"), " mac", "os", "<blk>"];
const BLANK = LABELS.length - 1;
const textOf = (label: number): string | undefined => LABELS[label];
const options = { blank: BLANK, textOf };

/** Frames as lists of "label probability". */
function frames(...rows: Record<string, number>[]): TopLabels {
  const vocabSize = LABELS.length;
  const logProbs = rows.flatMap((row) => LABELS.map((label) => Math.log(row[label] ?? 1e-6)));
  return topLabels({ logProbs: Float32Array.from(logProbs), frames: rows.length, vocabSize }, 20);
}
const blank = { "<blk>": 0.99 };
const example = frames(blank, { 独: 0.5, 督: 0.3, 都: 0.2 }, blank, { 公: 0.55, 工: 0.4 }, blank, {
  你: 0.9,
});

describe("hotwords in the top labels", () => {
  it("finds the example of the specification", () => {
    const [hit, ...rest] = findInTopLabels(example, ["督工"], options);
    expect(rest).toEqual([]);
    expect(hit).toMatchObject({ word: "督工", start: 0.06, end: 0.18 });
    expect(hit?.score).toBeCloseTo(0.35, 6);
    expect(hit?.logRatio).toBeCloseTo(Math.log((0.3 / 0.5) * (0.4 / 0.55)) / 2, 5);
  });

  it("replaces the draft's labels by the word", () => {
    const draft = [
      { text: "独", start: 0.06 },
      { text: "公", start: 0.18 },
      { text: "你", start: 0.3 },
    ];
    expect(applyHits(draft, findInTopLabels(example, ["督工"], options))).toEqual([
      { text: "督", start: 0.06 },
      { text: "工", start: 0.18 },
      { text: "你", start: 0.3 },
    ]);
  });

  it("crosses the remaining frames of a label", () => {
    const long = frames({ 独: 0.5, 督: 0.3 }, { 独: 0.6 }, blank, { 公: 0.55, 工: 0.4 });
    expect(findInTopLabels(long, ["督工"], options)).toMatchObject([{ start: 0, end: 0.18 }]);
  });

  it.each([
    ["another label stands between", frames({ 督: 0.5 }, { 马: 0.9 }, { 工: 0.5 })],
    ["the word is too improbable", frames({ 独: 0.99, 督: 0.0001 }, { 公: 0.99, 工: 0.0001 })],
    ["the draft has one non-blank frame only", frames({ 独: 0.5, 督: 0.3 }, { "<blk>": 0.6, 工: 0.3 })],
    ["the gap is too long", frames({ 督: 0.5 }, ...Array.from({ length: 15 }, () => blank), { 工: 0.5 })],
  ])("finds nothing where %s", (_, top) => {
    expect(findInTopLabels(top, ["督工"], options)).toEqual([]);
  });

  it("reaches across fourteen blanks", () => {
    const top = frames({ 督: 0.5 }, ...Array.from({ length: 14 }, () => blank), { 工: 0.5 });
    expect(findInTopLabels(top, ["督工"], options)).toMatchObject([{ start: 0, end: 0.9 }]);
  });

  it("prefers the word that explains more of the draft", () => {
    const top = frames({ 独: 0.5, 督: 0.3 }, { 公: 0.5, 工: 0.3 }, { 你: 0.9 });
    const words = findInTopLabels(top, ["督工", "督工你", "工你"], options).map(({ word }) => word);
    expect(words).toEqual(["督工你"]);
  });

  it("prefers it to a longer word that explains less", () => {
    const top = frames({ 独: 0.5 }, { 督: 0.5, " mac": 0.4 }, { 工: 0.5, os: 0.4 });
    const words = ["独督工", "macos"];
    expect(findInTopLabels(top, ["macos"], options)).toHaveLength(1);
    expect(findInTopLabels(top, words, options).map(({ word }) => word)).toEqual(["独督工"]);
  });

  it("keeps a word's case and punctuation, cut at its labels", () => {
    const top = frames({ " mac": 0.9 }, blank, { os: 0.9 });
    const hits = findInTopLabels(top, ["mac-OS!"], options);
    expect(
      applyHits(
        [
          { text: " mac", start: 0 },
          { text: "os", start: 0.12 },
        ],
        hits,
      ),
    ).toEqual([
      { text: "mac-", start: 0 },
      { text: "OS!", start: 0.12 },
    ]);
  });

  it("finds nothing without frames or words", () => {
    expect(findInTopLabels(frames(), ["督工"], options)).toEqual([]);
    expect(findInTopLabels(example, ["", "！"], options)).toEqual([]);
  });
});

describe("the best labels of a frame", () => {
  it("are the first of all sorted by value, then id", () => {
    const rows = fc.array(fc.array(fc.integer({ min: -4, max: 4 }), { minLength: 6, maxLength: 6 }), {
      maxLength: 5,
    });
    fc.assert(
      fc.property(rows, fc.integer({ min: 1, max: 8 }), (values, count) => {
        const logProbs = Float32Array.from(values.flat());
        const top = topLabels({ logProbs, frames: values.length, vocabSize: 6 }, count);
        for (const [t, row] of values.entries()) {
          const ranked = row.map((_, id) => id).sort((a, b) => (row[b] ?? 0) - (row[a] ?? 0) || a - b);
          const ids = [...top.ids.subarray(t * top.count, (t + 1) * top.count)];
          expect(ids).toEqual(ranked.slice(0, count));
          expect([...top.logProbs.subarray(t * top.count, (t + 1) * top.count)]).toEqual(
            ids.map((id) => row[id]),
          );
        }
      }),
    );
  });
});
