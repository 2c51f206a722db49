/** CT-Transformer at the widths of the largest released model, 12 heads of 43: no number in it is a multiple of 32. */
import { expect, it } from "vitest";
import { buildModel } from "../../src/architectures/build.ts";
import type { BackendName } from "../../src/nn/backend.ts";
import { dispose, values } from "../../src/nn/ops.ts";
import { engine } from "../helpers/environment/engine.ts";
import { randomCtPunc } from "../helpers/builders/ct-punc.ts";

const sizes = {
  input_size: 516,
  output_size: 516,
  attention_heads: 12,
  linear_units: 64,
  num_blocks: 2,
  vocab_size: 40,
  marks: ["<unk>", "_", "，", "。", "？", "、"],
};

it.each([false, true])("has the same logits on wasm as on cpu (for real time: %s)", async (realtime) => {
  const checkpoint = randomCtPunc({ ...sizes, realtime, sanm_shift: realtime ? 5 : 0 });
  const ids = Array.from({ length: 37 }, (_, i) => (i * 7) % 40);
  const logits = async (backend: BackendName): Promise<Float32Array> => {
    const { model, dispose: free } = await buildModel(checkpoint, { engine, backend });
    if (model.architecture !== "ct-punc") throw new Error(model.architecture);
    const found = await engine.run(backend, async () => {
      const y = await model.logits(ids, 9, async () => {});
      const found = (await values(y)).slice();
      dispose(y);
      return found;
    });
    free();
    return found;
  };
  const [ours, reference] = [await logits("wasm"), await logits("cpu")];
  const norm = (x: Float32Array): number => Math.hypot(...x);
  expect(norm(reference)).toBeGreaterThan(1);
  expect(norm(ours.map((value, i) => value - reference[i]!)) / norm(reference)).toBeLessThan(1e-5);
});
