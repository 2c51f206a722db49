import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { shared } from "../helpers/environment/shared.ts";
import { ModelFormatError } from "../../src/errors.ts";
import { openCheckpoint } from "../../src/architectures/open.ts";
import { applyCmvn, parseAmMvn } from "../../src/frontend/cmvn.ts";
import { readCmvn } from "../../src/frontend/read-cmvn.ts";
import { fixture } from "../helpers/environment/fixtures.ts";

const nnet = (shift: string, scale: string): string =>
  `<Nnet> \n<Splice> 3 3\n[ 0 ]\n<AddShift> 3 3 \n<LearnRateCoef> 0 [ ${shift} ]\n` +
  `<Rescale> 3 3\n<LearnRateCoef> 0 [ ${scale} ]\n</Nnet>\n`;

describe("applyCmvn", () => {
  it("rounds after the sum and again after the product", () => {
    const frame = { values: Float32Array.of(0.1, 16_777_216, -1), rows: 1, cols: 3 };
    const cmvn = { shift: Float32Array.of(0.2, 1, 1), scale: Float32Array.of(3, 0.1, 7) };
    const sum = Math.fround(Math.fround(0.1) + Math.fround(0.2));
    expect([...applyCmvn(frame, cmvn).values]).toEqual([
      Math.fround(sum * 3),
      Math.fround(16_777_216 * Math.fround(0.1)),
      0,
    ]);
  });

  it("refuses constants of another width", () => {
    const frame = { values: new Float32Array(4), rows: 2, cols: 2 };
    const cmvn = { shift: new Float32Array(3), scale: new Float32Array(3) };
    expect(() => applyCmvn(frame, cmvn)).toThrow(ModelFormatError);
  });
});

describe("parseAmMvn", () => {
  it("reads shift and scale", () => {
    const { shift, scale } = parseAmMvn(nnet("-1.5 2e0 .25", "1 -2 +3."), 3);
    expect([...shift]).toEqual([-1.5, 2, 0.25]);
    expect([...scale]).toEqual([1, -2, 3]);
  });

  it.each([
    ["empty", ""],
    ["not an nnet", "hello [ 1 2 3 ] [ 1 2 3 ]"],
    ["no shift", nnet("1 2 3", "1 2 3").replace("<AddShift>", "<Bias>")],
    ["two scales", nnet("1 2 3", "1 2 3").replace("</Nnet>", "<Rescale>\n[ 1 2 3 ]\n</Nnet>")],
    [
      "scale first",
      nnet("1 2 3", "1 2 3")
        .replace("<AddShift>", "<X>")
        .replace("<Rescale>", "<AddShift>")
        .replace("<X>", "<Rescale>"),
    ],
    ["too few numbers", nnet("1 2", "1 2 3")],
    ["too many numbers", nnet("1 2 3", "1 2 3 4")],
    ["three groups", nnet("1 2 3", "1 2 3").replace("[ 0 ]", "[ 0 0 ]")],
    ["not a number", nnet("1 nan 3", "1 2 3")],
    ["hexadecimal", nnet("1 0x10 3", "1 2 3")],
    ["infinite", nnet("1 2 3", "1 1e39 3")],
    ["cut off", nnet("1 2 3", "1 2 3").slice(0, -10)],
    ["a bracket left open", nnet("1 2 3", "1 2 3").replace("3 ]\n</Nnet>", "3\n</Nnet>")],
    ["huge", nnet("1 2 3", "1 2 3".padEnd(2 ** 20 + 1))],
  ])("refuses a file that is %s", (_, text) => {
    expect(() => parseAmMvn(text, 3)).toThrow(expect.objectContaining({ code: "checkpoint_malformed" }));
  });

  const path = shared("golden/am.mvn");
  it.skipIf(path === undefined)("reads the real file", () => {
    const { shift, scale } = parseAmMvn(readFileSync(path!, "utf8"), 560);
    const sum = (values: Float32Array): number => values.reduce((total, value) => total + value, 0);
    expect([...shift.slice(0, 4), shift[79]]).toEqual(
      [-8.311879, -8.600912, -9.615928, -10.43595, -11.71208].map(Math.fround),
    );
    expect(scale.slice(0, 4)).toEqual(Float32Array.of(0.155775, 0.154484, 0.1527379, 0.1518718));
    expect(sum(shift)).toBeCloseTo(-7605.46506, 3);
    expect(sum(scale)).toBeCloseTo(83.58630917, 5);
  });
});

it("refuses a file that is not text", async () => {
  await using checkpoint = await openCheckpoint(fixture("tiny/sensevoice/sensevoice-bf16.gguf"));
  const amMvn = Uint8Array.of(0x3c, 0xff, 0x3e);
  await expect(readCmvn(checkpoint, { width: 560, needed: true, amMvn })).rejects.toMatchObject({
    code: "file_unreadable",
    message: expect.stringContaining("not UTF-8"),
  });
});
