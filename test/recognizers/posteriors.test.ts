/** The output of a CTC head, with and without a hook. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Tensor } from "@tensorflow/tfjs-core";
import { linear } from "../../kernels/ops/linear/index.ts";
import { linearRows } from "../../kernels/ops/linear-rows/index.ts";
import { dispose, run, tensor } from "../../src/nn/ops.ts";
import type { WideLinear } from "../../src/nn/linear.ts";
import type { HookPoint } from "../../src/nn/stage.ts";
import { ctcScores } from "../../src/recognizers/posteriors.ts";
import { ctcGreedy, logProbability, topLabels } from "../../src/decoding/ctc.ts";
import type { CtcScores } from "../../src/decoding/ctc.ts";
import { logSoftmaxRows } from "../../src/decoding/log-softmax.ts";
import { normals } from "../helpers/builders/random.ts";
import { encode, startWasm, upload } from "../helpers/environment/wasm-kernels.ts";

const [frames, size, vocabSize] = [150, 64, 301] as const;
const labels = [300, 0, 7, 7, 130];

describe("the scores of a CTC head", () => {
  let head: WideLinear;
  let hidden: Tensor;
  let weight: Tensor;
  beforeAll(async () => {
    await startWasm();
    weight = await upload("Q8_0", encode("Q8_0", normals(1, vocabSize * size, 0.3), vocabSize, size));
    hidden = tensor(normals(2, frames * size), [frames, size]);
    const shape = { formats: ["Q8_0"], outFeatures: [vocabSize], inFeatures: size, activation: "none" };
    const all = (x: Tensor): Tensor => run(linear, { x, weight0: weight }, shape);
    const some = (x: Tensor, ids: readonly number[]): Tensor =>
      run(linearRows, { x, weight }, { format: "Q8_0", rows: vocabSize, columns: size, ids });
    head = Object.assign(all, { some, stage: stage(false) });
  });
  afterAll(() => dispose([hidden, weight]));

  const stage = (isWanted: boolean, change = (data: Float32Array) => data): HookPoint => ({
    isWanted,
    emit: (value) => value,
    emitValues: async (data) => change(data),
  });
  const read = (points: { logits?: HookPoint; logProbs?: HookPoint } = {}): Promise<CtcScores> => {
    const { logits = stage(false), logProbs = stage(false) } = points;
    const shown = Object.assign((x: Tensor) => head(x), { some: head.some, stage: logits });
    const stages = { logProbs, ids: stage(true) };
    return ctcScores(hidden, { head: shown, vocabSize, stages }, 4, async () => {});
  };
  const chosen = async (scores: CtcScores): Promise<number[]> => {
    const posteriors = await scores.of(labels);
    return labels.flatMap((id) =>
      Array.from({ length: frames }, (_, t) => logProbability(posteriors, t, id)),
    );
  };

  it("are those of a softmax over all labels", async () => {
    const scores = await read();
    const logits = head(hidden);
    const logProbs = logSoftmaxRows((await logits.data()).slice() as Float32Array, vocabSize);
    logits.dispose();
    const whole = topLabels({ logProbs, frames, vocabSize }, 4);
    expect(scores.top.ids).toEqual(whole.ids);
    for (const [i, value] of whole.logProbs.entries()) expect(scores.top.logProbs[i]).toBeCloseTo(value, 5);
    const found = await chosen(scores);
    for (const [i, id] of labels.entries())
      expect(found[i * frames + 9]).toBeCloseTo(logProbs[9 * vocabSize + id]!, 5);
  });

  it("do not change when a hook captures all of them, to the bit", async () => {
    const alone = await read();
    for (const seen of [await read({ logits: stage(true) }), await read({ logProbs: stage(true) })]) {
      expect(seen.top).toEqual(alone.top);
      expect(await chosen(seen)).toEqual(await chosen(alone));
    }
  });

  it("are the values that a hook returns in their place", async () => {
    const flat = (data: Float32Array): Float32Array => data.map((_, i) => (i % vocabSize === 5 ? -0.1 : -9));
    const scores = await read({ logProbs: stage(true, flat) });
    expect(ctcGreedy(scores.top, 0)).toMatchObject([{ id: 5, start: 0, end: frames }]);
    expect(new Set(await chosen(scores))).toEqual(new Set([-9]));

    const shift = -0.1 + Math.log(1 + (vocabSize - 1) * Math.exp(-8.9)); // of the same numbers as logits
    const fromLogits = await read({ logits: stage(true, flat) });
    expect(ctcGreedy(fromLogits.top, 0)).toMatchObject([{ id: 5, start: 0, end: frames }]);
    for (const value of await chosen(fromLogits)) expect(value).toBeCloseTo(-9 - shift, 5);
  });

  it("are emitted in this order: the logits, then the log probabilities", async () => {
    const seen: Float32Array[] = [];
    const keep = (data: Float32Array): Float32Array => {
      seen.push(data.slice());
      return data;
    };
    await read({ logits: stage(true, keep), logProbs: stage(true, keep) });
    const logits = head(hidden);
    const expected = (await logits.data()).slice() as Float32Array;
    logits.dispose();
    expect(seen[0]).toEqual(expected);
    const logProbs = logSoftmaxRows(expected, vocabSize);
    for (let i = 0; i < logProbs.length; i += 97) expect(seen[1]![i]).toBeCloseTo(logProbs[i]!, 4);
  });
});
