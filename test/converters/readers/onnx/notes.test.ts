/** Notes of sherpa-onnx's exports at their bounds: the stacking of frames, the normalization, and the scale of samples. */
import { describe, expect, test } from "vitest";
import { notedCmvn, notedFrontend } from "../../../../converters/readers/onnx/exports/notes.ts";
import { Companions } from "../../../../converters/readers/companions.ts";
import { openFolder } from "../../../../src/adapters/node/folder.ts";

const fileWith = (metadata: Readonly<Record<string, string>>) => ({
  source: "model.onnx",
  tensors: new Map(),
  metadata: new Map(Object.entries(metadata)),
  config: undefined,
  companions: new Companions(openFolder(".")),
});
const refusal = (where: string, message: string): unknown =>
  expect.objectContaining({
    code: "checkpoint_malformed",
    where: `model.onnx, ${where}`,
    message: expect.stringContaining(message) as string,
  });

describe("the front end", () => {
  test("is the published one, with the stacking that is noted", () => {
    expect(notedFrontend(fileWith({}))).toMatchObject({ fs: 16_000, lfr_m: 7, lfr_n: 6 });
    const noted = { lfr_window_size: "999", lfr_window_shift: "1", normalize_samples: "0" };
    expect(notedFrontend(fileWith(noted))).toMatchObject({ fs: 16_000, lfr_m: 999, lfr_n: 1 });
  });

  test.each([
    ["lfr_window_size", "0", '"0"; wanted a number of frames'],
    ["lfr_window_size", "1000", '"1000"'],
    ["lfr_window_shift", "6.5", '"6.5"'],
    ["lfr_window_shift", "", '""'],
    ["normalize_samples", "1", '"1"; wanted "0"'],
    ["normalize_samples", "", 'wanted "0"'],
  ])("is refused with %s %s", (key, value, message) => {
    expect(() => notedFrontend(fileWith({ [key]: value }))).toThrow(refusal(key, message) as Error);
  });
});

describe("the normalization", () => {
  test("is two lists of numbers, or none is noted", async () => {
    expect(notedCmvn(fileWith({}), 2)).toBeUndefined();
    const found = notedCmvn(fileWith({ neg_mean: "-1, .5", inv_stddev: "2.,1e-2" }), 2)!;
    const values = await Promise.all(
      found.map(async ([name, entry]) => {
        const bytes = new Uint8Array(entry.byteLength);
        await entry.read(bytes);
        return [name, entry.shape, [...new Float32Array(bytes.buffer)]];
      }),
    );
    expect(values).toEqual([
      ["cmvn.shift", [2], [-1, 0.5]],
      ["cmvn.scale", [2], [2, Math.fround(1e-2)]],
    ]);
  });

  test.each([
    [
      "a number too few",
      { neg_mean: "1", inv_stddev: "1,2" },
      "neg_mean",
      "1 values; wanted 2 finite numbers",
    ],
    ["half of it", { inv_stddev: "1,2" }, "neg_mean", "1 values"],
    ["a number too many", { neg_mean: "1,2", inv_stddev: "1,2,3" }, "inv_stddev", "3 values"],
    ["a text", { neg_mean: "1,0x2", inv_stddev: "1,2" }, "neg_mean", "2 values"],
    ["an infinite number", { neg_mean: "1,2", inv_stddev: "1,1e999" }, "inv_stddev", "2 values"],
    ["one list", { neg_mean: "1,2" }, "inv_stddev", "1 values"],
  ])("is refused with %s", (_, metadata, key, message) => {
    expect(() => notedCmvn(fileWith(metadata), 2)).toThrow(refusal(key, message) as Error);
  });
});
