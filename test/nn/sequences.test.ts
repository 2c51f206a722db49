/** Steps of several sequences at once: the bytes of a step for each, whatever the others are. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Qwen3 } from "../../src/models/qwen3.ts";
import { liveTensors } from "../../src/nn/backend.ts";
import type { KvCache } from "../../src/nn/kv-cache.ts";
import { dispose, values } from "../../src/nn/ops.ts";
import type { Tensor } from "../../src/nn/ops.ts";
import { tinyNano } from "../helpers/builders/tiny-nano.ts";
import { testedBackends } from "../helpers/environment/backends.ts";
import { engine } from "../helpers/environment/engine.ts";
import { withTinyLlm } from "../helpers/environment/tiny-llm.ts";

const SPARE = 40;

/** A sequence: the tokens of its prompt, and room behind what it may get. */
interface Start {
  readonly prompt: number;
  readonly spare: number;
  readonly seed: number;
}

const start = fc.record({
  prompt: fc.integer({ min: 1, max: 40 }),
  spare: fc.integer({ min: 0, max: 3 }),
  seed: fc.integer({ min: 0, max: 1000 }),
});

/** Steps: how many tokens of each sequence are appended, 0 for one that is left out, and how many are dropped again. */
const steps = (count: number) =>
  fc.array(
    fc.array(fc.record({ rows: fc.integer({ min: 0, max: 5 }), back: fc.integer({ min: 0, max: 2 }) }), {
      minLength: count,
      maxLength: count,
    }),
    { minLength: 1, maxLength: 4 },
  );

const mixture = fc
  .array(start, { minLength: 1, maxLength: 6 })
  .chain((starts) => fc.record({ starts: fc.constant(starts), all: steps(starts.length) }));

const tokens = (count: number, seed: number): number[] =>
  Array.from({ length: count }, (_, i) => (seed + 7 * i + i * i) % tinyNano.vocab);

describe.each(testedBackends)("steps of several sequences on %s", (backend) => {
  let llm: Qwen3;
  withTinyLlm(backend, (found) => (llm = found));

  async function begun({ prompt, spare, seed }: Start): Promise<KvCache> {
    const cache = llm.newCache(prompt + SPARE + spare);
    const embeds = llm.embed(tokens(prompt, seed));
    dispose(await llm.prefill(embeds, cache, async () => {}));
    dispose(embeds);
    return cache;
  }

  async function read(logits: Tensor): Promise<number[]> {
    const read = [...(await values(logits))];
    dispose(logits);
    return read;
  }

  it("have the bytes of each one alone, for any mixture of rows and lengths of caches", async () => {
    await engine.run(backend, () =>
      fc.assert(
        fc.asyncProperty(mixture, async ({ starts, all }) => {
          const before = liveTensors();
          const joint = await Promise.all(starts.map(begun));
          const alone = await Promise.all(starts.map(begun));
          for (const [n, step] of all.entries()) {
            const appended = step.flatMap(({ rows, back }, i) =>
              rows === 0 ? [] : [{ ids: tokens(rows, starts[i]!.seed + n), i, back }],
            );
            if (appended.length === 0) continue;
            const found = await read(llm.steps(...appended.map(({ ids, i }) => ({ ids, cache: joint[i]! }))));
            const wanted: number[] = [];
            for (const { ids, i } of appended)
              wanted.push(...(await read(llm.steps({ ids, cache: alone[i]! }))));
            expect(found).toEqual(wanted);
            for (const { i, ids, back } of appended) {
              expect(joint[i]!.length).toBe(alone[i]!.length);
              const length = joint[i]!.length - Math.min(back, ids.length);
              joint[i]!.rewind(length);
              alone[i]!.rewind(length);
            }
          }
          for (const cache of [...joint, ...alone]) cache.dispose();
          expect(liveTensors()).toBe(before);
        }),
        { numRuns: backend === "cpu" ? 12 : 40 },
      ),
    );
  });

  it("refuse more tokens than a cache has room for", () =>
    engine.run(backend, async () => {
      const [roomy, full] = [llm.newCache(8), llm.newCache(2)];
      const step = () => llm.steps({ ids: [1], cache: roomy }, { ids: [1, 2, 3], cache: full });
      expect(step).toThrow(expect.objectContaining({ code: "internal", where: "kv cache" }));
      expect([roomy.length, full.length]).toEqual([0, 0]);
      roomy.dispose();
      full.dispose();
    }));
});
