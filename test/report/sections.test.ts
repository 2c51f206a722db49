/** Values of the report's sections: roll-out of attention, fires, axes in seconds. */
import { expect, test } from "vitest";
import { archiveOf, head, stages } from "../helpers/builders/report-stages.ts";
import { readArchive } from "../helpers/environment/read-archive.ts";
import { meanOfHeads, rollout } from "../../src/report/sections/audio-rows.ts";
import { firesOf } from "../../src/report/sections/cif.ts";
import { landmarks, timeAxis } from "../../src/report/stages.ts";
import { fixture } from "../helpers/environment/fixtures.ts";

test("rollout: rows sum to one, and attention to the own position changes nothing", () => {
  const mean = meanOfHeads(head);
  const { rows, cols, values } = rollout([mean, mean]);
  for (let row = 0; row < rows; row++) {
    const sum = values.subarray(row * cols, (row + 1) * cols).reduce((total, x) => total + x, 0);
    expect(sum).toBeCloseTo(1, 5);
  }
  const self = { rows: 3, cols: 3, values: Float32Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1) };
  expect(rollout([self, self])).toEqual(self);
  // the second block looks from 0 at 1, which the first has filled from 2: a quarter of row 0 is frame 2
  const first = { rows: 3, cols: 3, values: Float32Array.of(1, 0, 0, 0, 0, 1, 0, 0, 1) };
  const second = { rows: 3, cols: 3, values: Float32Array.of(0, 1, 0, 0, 1, 0, 0, 0, 1) };
  expect([...rollout([first, second]).values.subarray(0, 3)]).toEqual([0.5, 0.25, 0.25]);
});

test("fires are at the original's frames", async () => {
  const { stages } = await readArchive(fixture("reference/paraformer.safetensors"));
  const peaks = stages.get("predictor.peaks")!.values;
  const fires = firesOf(stages.get("predictor.alphas")!.values);
  expect(fires).toEqual([...peaks.keys()].filter((frame) => peaks[frame]! >= 1));
  expect(fires).toHaveLength(stages.get("decoder.ids")!.values.length);
});

test("axes are in seconds where rows are frames", async () => {
  const ours = archiveOf(stages);
  expect(timeAxis(ours, 20)).toEqual({ label: "seconds", low: 0, high: 1.2 });
  expect(timeAxis(ours, 118)).toEqual({ label: "seconds", low: 0, high: 1.18 });
  expect(timeAxis(ours, 24)).toMatchObject({ label: "seconds", low: -0.24 });
  expect(timeAxis(ours, 20, "llm.model.layers.0")).toMatchObject({ label: "position", high: 20 });
  expect(timeAxis(ours, 7)).toMatchObject({ label: "position" });
  expect(landmarks(ours)).toEqual(["fbank", "lfr", "audio_encoder.after_norm", "audio_adaptor"]);
});
