/** A thousand decoding steps leave no tensor, no value of TensorFlow's and no memory behind. */
import { expect, it } from "vitest";
import { compileDecoder } from "../../../../kernels/runtime/tensorflow/graph/compile.ts";
import { liveCounts } from "../../../../kernels/runtime/tensorflow/native.ts";
import { buildModel } from "../../../../src/architectures/build.ts";
import type { FunAsrNano } from "../../../../src/models/fun-asr-nano/fun-asr-nano.ts";
import { engine } from "../../../helpers/environment/engine.ts";
import { dispose, values } from "../../../../src/nn/ops.ts";
import { describeOn } from "../../../helpers/environment/backends.ts";
import { tinyNanoCheckpoint } from "../../../helpers/builders/tiny-nano.ts";

describeOn("tensorflow", "decoding on tensorflow", () => {
  it("keeps everything flat over 1,000 steps", async () => {
    const loaded = await buildModel(tinyNanoCheckpoint(), { engine, backend: "tensorflow" });
    await engine.run("tensorflow", async () => {
      const { llm } = loaded.model as FunAsrNano;
      const cache = llm.newCache(1200);
      const step = async (id: number): Promise<void> => {
        const logits = llm.step(id, cache);
        await values(logits);
        dispose(logits);
      };
      for (let i = 0; i < 150; i++) await step(i % 50); // constants and code are placed
      const before = liveCounts();
      const memory = process.memoryUsage().rss;
      for (let i = 0; i < 1000; i++) await step(i % 50);
      expect(liveCounts()).toEqual(before);
      expect((process.memoryUsage().rss - memory) / 1e6).toBeLessThan(40);
      cache.dispose();
    });
    const before = liveCounts();
    loaded.dispose();
    expect(liveCounts()[1]).toBeLessThan(before[1]);
  });

  it("keeps everything flat over 1,000 calls of the compiled loop", async () => {
    const loaded = await buildModel(tinyNanoCheckpoint(), { engine, backend: "tensorflow" });
    await engine.run("tensorflow", async () => {
      const { llm } = loaded.model as FunAsrNano;
      const decoder = await compileDecoder(llm, {
        buckets: [8],
        capacity: 1200,
        chunk: 16,
        endIds: [],
        xla: false,
      });
      const embeds = llm.embed([1, 2, 3, 4, 5]);
      let token = decoder.begin(embeds);
      const call = (): void => {
        [token] = decoder.next(token, 1) as [number];
      };
      for (let i = 0; i < 100; i++) call();
      const before = liveCounts();
      const memory = process.memoryUsage().rss;
      for (let i = 0; i < 1000; i++) call();
      expect(liveCounts()).toEqual(before);
      expect((process.memoryUsage().rss - memory) / 1e6).toBeLessThan(40);
      decoder.dispose();
      dispose(embeds);
    });
    loaded.dispose();
  });
});
