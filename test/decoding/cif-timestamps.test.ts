/** Token times against FunASR's, to the millisecond. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { integrateInLoop, tokenSpans } from "../../src/decoding/cif-timestamps.ts";
import type { TimeSpan } from "../../src/decoding/cif-timestamps.ts";
import { paraformerTables } from "../helpers/builders/paraformer-tables.ts";
import { shared } from "../helpers/environment/shared.ts";

/** Milliseconds, truncated as in the original. */
const milliseconds = (spans: readonly TimeSpan[], offset = 0): number[][] =>
  spans.map(({ start, end }) => [start, end].map((time) => Math.trunc((time + offset / 1000) * 1000)));

describe("tokenSpans", () => {
  it.each(paraformerTables.times.map((golden, i) => ({ i, ...golden })))(
    "is FunASR's: case $i, $tokens tokens",
    ({ alphas, peaks, tokens, upsample, spans }) => {
      const activity = {
        alphas: Float32Array.from(alphas),
        peaks: Float32Array.from(peaks),
        upsampleTimes: upsample,
      };
      expect(milliseconds(tokenSpans(activity, tokens))).toEqual(spans);
    },
  );

  const path = shared("golden/postprocess-timestamps.json");
  it.skipIf(path === undefined)("is FunASR's on the shared cases too", () => {
    const { timestamp } = JSON.parse(readFileSync(path!, "utf8")) as {
      timestamp: {
        alphas: number[];
        cif_peak: number[];
        chars: string[];
        us_alphas3: number[];
        us_peaks3: number[];
        results: { [name: string]: { ts: number[][] } };
      };
    };
    const { results } = timestamp;
    const alphas = Float32Array.from(timestamp.alphas);
    const peaks = Float32Array.from(timestamp.cif_peak);
    const count = timestamp.chars.length;
    expect(milliseconds(tokenSpans({ alphas, peaks, upsampleTimes: 1 }, count))).toEqual(
      results["intended(alphas,peaks)"]!.ts,
    );
    // The original's Paraformer swaps the arguments; with swapped arguments the results agree.
    expect(milliseconds(tokenSpans({ alphas: peaks, peaks: alphas, upsampleTimes: 1 }, count))).toEqual(
      results["as_called_by_Paraformer(peaks,alphas)"]!.ts,
    );
    const fine = {
      alphas: Float32Array.from(timestamp.us_alphas3),
      peaks: Float32Array.from(timestamp.us_peaks3),
      upsampleTimes: 3,
    };
    expect(milliseconds(tokenSpans(fine, 7), 1500)).toEqual(results["upsample3_7chars_offset1500"]!.ts);
  });

  it("is empty without tokens, or with alphas that are all zero", () => {
    const zeros = { alphas: new Float32Array(9), peaks: new Float32Array(9), upsampleTimes: 1 };
    expect(tokenSpans(zeros, 0)).toEqual([]);
    expect(tokenSpans(zeros, 2)).toEqual([]);
  });
});

describe("integrateInLoop", () => {
  it("subtracts the threshold at each fire", () => {
    const peaks = integrateInLoop(Float32Array.of(0.5, 0.5, 0.25, 0.25, 0.25), 0.75);
    expect([...peaks]).toEqual([0.5, 1, 0.5, 0.75, 0.25]);
  });
});
