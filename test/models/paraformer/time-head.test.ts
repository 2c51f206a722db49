/** The time head of Paraformer: alphas on finer rows. */
import { describe, expect, it } from "vitest";
import { withParaformer } from "../../helpers/environment/tiny-paraformer-model.ts";
import { paraformerTables } from "../../helpers/builders/paraformer-tables.ts";
import { normals } from "../../helpers/builders/random.ts";
import { tinyParaformer, tinyParaformerCheckpoint } from "../../helpers/builders/tiny-paraformer.ts";
import { dispose, tensor, values } from "../../../src/nn/ops.ts";
import { integrateInLoop } from "../../../src/decoding/cif-timestamps.ts";

function expectClose(actual: Float32Array, expected: readonly number[]): void {
  expect(actual).toHaveLength(expected.length);
  const worst = Math.max(...expected.map((value, i) => Math.abs(value - actual[i]!)));
  expect(worst).toBeLessThan(2e-6);
}

describe("the time head", () => {
  it("spreads the alphas over finer rows, and they sum to the token number", async () => {
    const shape = { ...tinyParaformer, upsampleTimes: 3 };
    await withParaformer(tinyParaformerCheckpoint(undefined, shape), async (model) => {
      const encoded = tensor(normals(3, 9 * 16), [9, 16]);
      const alphas = await model.upsampledAlphas!(encoded, 4);
      expect(alphas).toHaveLength(27);
      expect(alphas.reduce((sum, alpha) => sum + alpha, 0)).toBeCloseTo(4, 5);
      dispose(encoded);
    });
  });

  it("is FunASR's: a small CifPredictorV3, with its loop of integrate-and-fire", async () => {
    const golden = paraformerTables.timeHead;
    const { size, frames } = golden;
    const shape = { ...tinyParaformer, size, heads: 2, upsampleTimes: 3 };
    const checkpoint = tinyParaformerCheckpoint((tensors) => {
      for (const [name, { shape, values }] of Object.entries(golden.weights)) {
        tensors.set(`predictor.${name}`, { shape, values: Float32Array.from(values) });
      }
    }, shape);
    await withParaformer(checkpoint, async (model) => {
      const encoded = tensor(Float32Array.from(golden.hidden), [frames, size]);
      const { alphas, peaks, tokenNumber, embeds } = await model.predict(encoded);
      expect(model.config.predictor.recipe).toBe("loop");
      expect(tokenNumber).toBe(golden.tokens);
      expectClose(alphas, golden.alphas);
      expectClose(peaks, golden.peaks);
      expectClose(await values(embeds!), golden.embeds);
      const fine = await model.upsampledAlphas!(encoded, golden.fineTokens);
      expectClose(fine, golden.fineAlphas);
      expectClose(integrateInLoop(fine, 1 - 1e-4), golden.finePeaks);
      dispose([encoded, embeds!]);
    });
  });

  it("is absent where the checkpoint has none", () =>
    withParaformer(tinyParaformerCheckpoint(), async (model) => {
      expect(model.upsampledAlphas).toBeUndefined();
      expect(model.config.predictor.recipe).toBe("prefix");
    }));
});
