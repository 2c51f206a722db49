/** The predictor of Paraformer: alphas to tokens, and what it refuses. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { fixture } from "../../helpers/environment/fixtures.ts";
import { withParaformer } from "../../helpers/environment/tiny-paraformer-model.ts";
import { normals } from "../../helpers/builders/random.ts";
import { tinyParaformer, tinyParaformerCheckpoint } from "../../helpers/builders/tiny-paraformer.ts";
import type { Checkpoint } from "../../../src/checkpoints/checkpoint.ts";
import { dispose, tensor, values } from "../../../src/nn/ops.ts";

const noTurn = async (): Promise<void> => {};

describe("predicting", () => {
  /** The tiny model with every alpha at σ(bias) · smoothFactor. */
  const withBias = (bias: number, smoothFactor = 1): Checkpoint =>
    tinyParaformerCheckpoint((tensors, metadata) => {
      tensors.set("predictor.cif_output.weight", { shape: [1, 16], values: new Float32Array(16) });
      tensors.set("predictor.cif_output.bias", { shape: [1], values: Float32Array.of(bias) });
      metadata.set("paraformer.predictor.smooth_factor", smoothFactor);
    });
  const hidden = (frames: number) => tensor(normals(2, frames * 16), [frames, 16]);

  it("finds no token in silence", () =>
    withParaformer(withBias(-20), async (model) => {
      const encoded = hidden(30);
      expect(await model.predict(encoded)).toMatchObject({ tokenNumber: 0, embeds: undefined });
      dispose(encoded);
    }));

  it.each([1, 2, 5, 40])("finds a token in each of %d loud frames, and decodes that few", (frames) =>
    withParaformer(withBias(20), async (model) => {
      const encoded = hidden(frames);
      const { embeds, tokenNumber } = await model.predict(encoded);
      expect(tokenNumber).toBe(frames);
      const decoded = await model.decode(embeds!, encoded, noTurn);
      expect(decoded.logits.shape).toEqual([frames, tinyParaformer.vocabSize]);
      dispose([encoded, embeds!, decoded.hidden, decoded.logits]);
    }),
  );

  it("refuses alphas that are no numbers, by frame", () =>
    withParaformer(withBias(NaN), async (model) => {
      const encoded = hidden(3);
      await expect(model.predict(encoded)).rejects.toMatchObject({
        code: "non_finite",
        where: "predictor.alphas",
        message: expect.stringContaining("NaN at frame 0") as string,
      });
      dispose(encoded);
    }));

  it("refuses more tokens than frames", () =>
    withParaformer(withBias(20, 3), async (model) => {
      const encoded = hidden(7);
      await expect(model.predict(encoded)).rejects.toMatchObject({
        code: "token_number",
        message: expect.stringContaining("21 tokens in 7 frames") as string,
      });
      dispose(encoded);
    }));

  const { cases } = JSON.parse(readFileSync(fixture("reference/paraformer-no-tail.json"), "utf8")) as {
    readonly cases: readonly {
      readonly alphas: readonly number[];
      readonly hidden: readonly number[];
      readonly tokens: number;
      readonly embeds: readonly number[];
    }[];
  };
  const withoutTail = tinyParaformerCheckpoint((_, metadata) => {
    metadata.set("paraformer.predictor.tail_threshold", 0);
  });

  it.each(cases)("rounds the number of tokens where there is no tail, as FunASR does: %#", (wanted) =>
    withParaformer(withoutTail, async (model, loaded) => {
      const frames = wanted.alphas.length;
      const encoded = tensor(Float32Array.from(wanted.hidden), [frames, 16]);
      loaded.hooks.hook = {
        wants: (path) => path === "predictor.alphas",
        onTensor: () => tensor(Float32Array.of(...wanted.alphas, 0), [frames + 1]),
      };
      const { tokenNumber, embeds } = await model.predict(encoded);
      expect(tokenNumber).toBe(wanted.tokens);
      const found = embeds === undefined ? [] : [...(await values(embeds))];
      expect(found).toHaveLength(wanted.embeds.length);
      for (const [i, value] of found.entries()) expect(value).toBeCloseTo(wanted.embeds[i]!, 5);
      dispose(embeds === undefined ? [encoded] : [encoded, embeds]);
    }),
  );

  it("continues with the alphas that a hook replaces", () =>
    withParaformer(withBias(-20), async (model, loaded) => {
      const encoded = hidden(4);
      const wanted = Float32Array.of(0.5, 0.5, 0.25, 0.75, 0);
      loaded.hooks.hook = {
        wants: (path) => path === "predictor.alphas",
        onTensor: () => tensor(wanted, [5]),
      };
      const { alphas, peaks, embeds } = await model.predict(encoded);
      expect([...alphas]).toEqual([...wanted]);
      expect([...peaks]).toEqual([0.5, 1, 0.25, 1, 0]);
      const [first, second] = [await values(encoded), await values(embeds!)];
      for (let d = 0; d < 16; d++) {
        expect(second[d]).toBeCloseTo((first[d]! + first[16 + d]!) / 2, 6);
        expect(second[16 + d]).toBeCloseTo(first[32 + d]! / 4 + (3 * first[48 + d]!) / 4, 6);
      }
      dispose([encoded, embeds!]);
    }));
});
