/** Activations of generated tokens are the same, by name and to the byte, however many tokens a step feeds. */
import { describe, expect, it } from "vitest";
import { StageRecorder } from "../../src/activations/recorder.ts";
import type { Activation } from "../../src/activations/recorder.ts";
import { buildModel } from "../../src/architectures/build.ts";
import type { LoadedModel } from "../../src/architectures/build.ts";
import type { FunAsrNano } from "../../src/models/fun-asr-nano/fun-asr-nano.ts";
import { liveTensors } from "../../src/nn/backend.ts";
import { engine } from "../helpers/environment/engine.ts";
import type { Hook } from "../../src/nn/hook-point.ts";
import { dispose, scale, values } from "../../src/nn/ops.ts";
import { tinyNano, tinyNanoCheckpoint } from "../helpers/builders/tiny-nano.ts";

/** Of the tiny model. */
const [llmLayers, llmHeads] = [2, 4];
const prompt = [5, 9, 2, 7, 7];
const tokens = [3, 8, 1, 30, 12, 4, 6];
const notWanted = async (): Promise<void> => {};

/** The logits of all tokens, fed in steps of these sizes. */
async function generate(
  { model }: LoadedModel,
  hook: Hook,
  sizes: readonly number[],
  hooks: LoadedModel["hooks"],
) {
  const { llm } = model as FunAsrNano;
  hooks.hook = hook;
  const cache = llm.newCache(20);
  const embeds = llm.embed(prompt);
  dispose(await llm.prefill(embeds, cache, notWanted));
  const rows: number[] = [];
  let fed = 0;
  for (const size of sizes) {
    const logits = llm.steps({ ids: tokens.slice(fed, fed + size), cache });
    rows.push(...(await values(logits)));
    dispose(logits);
    fed += size;
  }
  cache.dispose();
  dispose(embeds);
  hooks.hook = undefined;
  return rows;
}

const byName = (activations: readonly Activation[]): Map<string, Activation> =>
  new Map(activations.toSorted((a, b) => (a.name < b.name ? -1 : 1)).map((one) => [one.name, one]));

describe.each(["wasm", "cpu"] as const)("a step of several tokens on %s", (backend) => {
  it("emits the rows of each token", async () => {
    const loaded = await buildModel(tinyNanoCheckpoint(), { engine, backend });
    await engine.run(backend, async () => {
      const before = liveTensors();
      const captured: Map<string, Activation>[] = [];
      for (const sizes of [
        [1, 1, 1, 1, 1, 1, 1],
        [3, 4],
        [1, 5, 1],
      ]) {
        const recorder = new StageRecorder(() => true, { steps: true });
        await generate(loaded, recorder, sizes, loaded.hooks);
        captured.push(byName(await recorder.stages()));
      }
      const [single, ...several] = captured;
      expect(single!.size).toBeGreaterThan(8 * 20);
      expect([...single!.keys()].filter((name) => name.endsWith("mlp@7"))).toHaveLength(llmLayers);
      expect(single!.get("llm.model.layers.1.self_attn.scores@3")!.shape).toEqual([
        llmHeads,
        1,
        prompt.length + 3,
      ]);
      for (const other of several) expect(other).toEqual(single);
      expect(liveTensors()).toBe(before);
    });
    loaded.dispose();
  });

  it.each(["llm.model.layers.0.mlp", "llm.model.layers.1.self_attn.probabilities"])(
    "takes a replacement of the row of one token of %s",
    async (path) => {
      const loaded = await buildModel(tinyNanoCheckpoint(), { engine, backend });
      await engine.run(backend, async () => {
        const hook = (token: number): Hook => ({
          wants: (name, n) => name === path && n === token,
          onTensor: (_, value) => scale(value, 0.5),
        });
        const before = liveTensors();
        const unchanged = await generate(loaded, hook(100), [3, 4], loaded.hooks);
        const single = await generate(loaded, hook(2), [1, 1, 1, 1, 1, 1, 1], loaded.hooks);
        const several = await generate(loaded, hook(2), [3, 4], loaded.hooks);
        // A step whose probabilities are replaced computes the context from them for all of its tokens, which rounds differently.
        for (const [i, logit] of several.entries()) expect(logit).toBeCloseTo(single[i]!, 5);
        const change = several.map((logit, i) => Math.abs(logit - unchanged[i]!));
        expect(Math.max(...change.slice(0, tinyNano.vocab))).toBeLessThan(1e-5);
        expect(Math.max(...change.slice(tinyNano.vocab, 2 * tinyNano.vocab))).toBeGreaterThan(1e-3);
        expect(liveTensors()).toBe(before);
      });
      loaded.dispose();
    },
  );
});
