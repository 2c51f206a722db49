/** A language model that knows its text: its logits favor the next token of a list, whatever is drafted. */
import type { Qwen3 } from "../../../src/models/qwen3.ts";
import { KvCache } from "../../../src/nn/kv-cache.ts";
import { tensor } from "../../../src/nn/ops.ts";
import type { Tensor } from "../../../src/nn/ops.ts";

type Steps = Pick<Qwen3, "config" | "embed" | "newCache" | "prefill" | "steps">;

/** `rows`: those of the prompt. */
export function knownText(tokens: readonly number[], vocabSize: number, rows: number): Qwen3 {
  const favor = (first: number, count: number): Tensor => {
    const logits = new Float32Array(count * vocabSize);
    for (let i = 0; i < count; i++) logits[i * vocabSize + (tokens[first + i] ?? 0)] = 1;
    return tensor(logits, [count, vocabSize]);
  };
  const model: Steps = {
    config: { vocabSize } as Qwen3["config"],
    embed: (ids) => tensor(new Float32Array(ids.length), [ids.length, 1]),
    newCache: (capacity) => new KvCache(0, capacity, 1),
    prefill: async (_embeds, cache, _between, drafted = 0) => {
      cache.advance(rows + drafted);
      return favor(0, 1 + drafted);
    },
    steps: (...sequences) => {
      const { ids, cache } = sequences[0]!; // the only one
      const first = cache.length - rows + 1;
      cache.advance(ids.length);
      return favor(first, ids.length);
    },
  };
  return model as Qwen3;
}
