/**
 * Drafted steps give the tokens of single steps, whatever is drafted: on a random language model, by drafts that are right
 * with some probability.
 */
import { describe, expect, it } from "vitest";
import { decode } from "../../src/decoding/generate.ts";
import type { DecodingOptions } from "../../src/decoding/generate.ts";
import type { Qwen3 } from "../../src/models/qwen3.ts";
import { liveTensors } from "../../src/nn/backend.ts";
import type { KvCache } from "../../src/nn/kv-cache.ts";
import { dispose, tensor } from "../../src/nn/ops.ts";
import type { Tensor } from "../../src/nn/ops.ts";
import { compiledTokens, StepCounts, steppedTokens } from "../../src/recognizers/token-source.ts";
import type { Drafting } from "../../src/recognizers/token-source.ts";
import { uniform } from "../helpers/builders/random.ts";
import { tinyNano } from "../helpers/builders/tiny-nano.ts";
import { testedBackends } from "../helpers/environment/backends.ts";
import { engine } from "../helpers/environment/engine.ts";
import { withTinyLlm } from "../helpers/environment/tiny-llm.ts";

const PROMPT = 9;
const MOST = 40;
const END = 7;

/** Drafts the known text, each token wrong with some probability. */
function drafts(known: readonly number[], right: number, most: number, usual = most): Drafting {
  const random = uniform(most);
  return {
    usual,
    most,
    drafter: () => ({
      propose: (written, count) =>
        known
          .slice(written.length, written.length + count)
          .map((id) => (random() < right ? id : (id + 1) % tinyNano.vocab)),
    }),
  };
}

describe.each(testedBackends)("steps with drafts on %s", (backend) => {
  let llm: Qwen3;
  withTinyLlm(backend, (found) => (llm = found));

  /** A text after a prompt of fixed tokens, and what was counted. */
  async function generate(
    options: DecodingOptions,
    {
      drafting,
      model = llm,
      maxTokens = MOST,
    }: { drafting?: Drafting | undefined; model?: Qwen3; maxTokens?: number } = {},
  ) {
    const counts = new StepCounts();
    const events: string[] = [];
    const decoded = await engine.run(backend, async () => {
      const source = steppedTokens(model, { rows: PROMPT, tokens: maxTokens }, counts, drafting);
      const prompt = Array.from({ length: PROMPT }, (_, i) => (11 * i + 3) % tinyNano.vocab);
      await source.begin(
        (from) => llm.embed(prompt.slice(from)),
        async () => {},
      );
      const result = await decode(source, {
        options,
        endIds: [END],
        maxTokens,
        textOf: (tokens) => tokens.join(" "),
        sinkOf: (attempt) => ({
          push: (id) => events.push(`${attempt}: ${id}`),
          end: () => events.push(`${attempt} ends`),
        }),
        betweenTokens: async (done) => void events.push(`${done} done`),
      });
      source.dispose();
      return result;
    });
    return { decoded, events, counts };
  }

  const modes: readonly (readonly [string, DecodingOptions])[] = [
    ["greedy", {}],
    ["greedy, with confidence", { logprobs: true }],
    ["greedy, with a penalty", { repetitionPenalty: 1.2 }],
    ["sampled at 0.7", { temperature: 0.7, seed: 5 }],
    [
      "sampled from few, with a penalty and confidence",
      { temperature: 1.3, topK: 8, topP: 0.9, seed: 6, repetitionPenalty: 1.2, logprobs: true },
    ],
    ["in several attempts", { fallback: { temperatures: [0.7, 1.2], avgLogprob: 0 }, seed: 7 }],
  ];

  it.each(modes)("give the same tokens, in the same order of events: %s", async (_, options) => {
    const plain = await generate(options);
    const texts = plain.decoded.attempts.map(({ text }) => text.split(" ").map(Number));
    const [longest = []] = texts.toSorted((a, b) => b.length - a.length);
    expect(longest.length).toBeGreaterThan(8);
    for (const [most, usual] of [[1], [3], [5], [7], [5, 3]] as const) {
      for (const right of [0, 0.6, 1]) {
        const before = liveTensors();
        const drafted = await generate(options, { drafting: drafts(longest, right, most, usual) });
        expect(liveTensors()).toBe(before);
        expect({ most, usual, right, ...drafted.decoded }).toEqual({ most, usual, right, ...plain.decoded });
        expect(drafted.events).toEqual(plain.events);
        const { steps, accepted } = drafted.counts;
        expect(steps + accepted).toBe(plain.counts.steps);
        if (right === 0) expect(accepted).toBe(0);
        else if (right === 1 && options.fallback === undefined)
          expect(steps).toBeLessThan(plain.counts.steps * 0.8);
      }
    }
  });

  it("save as many steps as tokens are right", async () => {
    const { decoded, counts } = await generate({});
    for (const [most, usual] of [[1], [3], [7], [5, 3]] as const) {
      const drafted = await generate({}, { drafting: drafts(decoded.best.tokens, 1, most, usual) });
      expect(drafted.counts.steps).toBeLessThanOrEqual(Math.ceil(counts.steps / (most + 1)) + 4);
    }
  });

  it("never compute more than the text may have", async () => {
    const known = (await generate({ temperature: 0.7, seed: 5 })).decoded.best.tokens;
    for (const maxTokens of [1, 2, 3, 5, 8]) {
      const plain = await generate({ temperature: 0.7, seed: 5 }, { maxTokens });
      const drafting = drafts(known, 1, 7);
      let computed = 0;
      const model: Qwen3 = {
        ...llm,
        prefill: (embeds, cache, between, tokens = 0) => {
          computed += tokens;
          return llm.prefill(embeds, cache, between, tokens);
        },
        steps: (...all) => {
          for (const { ids } of all) computed += ids.length;
          return llm.steps(...all);
        },
      };
      const drafted = await generate({ temperature: 0.7, seed: 5 }, { maxTokens, drafting, model });
      expect(computed).toBe(maxTokens - 1);
      expect(drafted.decoded).toEqual(plain.decoded);
      expect(drafted.counts.steps + drafted.counts.accepted).toBe(maxTokens - 1);
    }
  });

  it("read nothing behind a cache that was rewound", async () => {
    let poisoned = 0;
    const poison = (cache: KvCache): KvCache => {
      const rewind = cache.rewind.bind(cache);
      const { layers, kvHeads, headDim } = llm.config;
      cache.rewind = (length) => {
        rewind(length);
        const count = cache.capacity - length;
        if (count === 0) return;
        const width = kvHeads * headDim;
        const rows = tensor(new Float32Array(count * width).fill(NaN), [count, width]);
        for (let layer = 0; layer < layers; layer++) cache.append(layer, rows, rows);
        dispose(rows);
        poisoned++;
      };
      return cache;
    };
    const model: Qwen3 = { ...llm, newCache: (capacity) => poison(llm.newCache(capacity)) };
    const plain = await generate({ logprobs: true });
    for (const right of [0, 0.6]) {
      const drafting = drafts(plain.decoded.best.tokens, right, 3);
      expect((await generate({ logprobs: true }, { drafting, model })).decoded).toEqual(plain.decoded);
    }
    expect(poisoned).toBeGreaterThan(10);
  });

  it("are the same where the cache has little memory at first, and grows", async () => {
    const plain = await generate({ logprobs: true });
    for (const expected of [0, 3, 13]) {
      const model: Qwen3 = { ...llm, newCache: (capacity) => llm.newCache(capacity, expected) };
      for (const drafting of [undefined, drafts(plain.decoded.best.tokens, 0.6, 3)])
        expect((await generate({ logprobs: true }, { drafting, model })).decoded).toEqual(plain.decoded);
    }
  });
});

it.each([1, 3, 4, 64])(
  "a compiled loop is asked for no more tokens than are left, %i at a time",
  async (call) => {
    const asked: number[] = [];
    const decoder = {
      fits: () => true,
      begin: () => 100,
      next: (token: number, count: number) => {
        asked.push(count);
        return Array.from({ length: count }, (_, i) => token + 1 + i);
      },
      rewind: () => {},
      dispose: () => {},
    };
    const counts = new StepCounts();
    const source = compiledTokens(decoder, 10, call, counts, () => {});
    await source.begin(
      () => ({}) as Tensor,
      async () => {},
    );
    const read: number[] = [];
    for await (const { id } of source.tokens(() => ({ id: 0 }))) if (read.push(id) === 10) break;
    expect(read).toEqual(Array.from({ length: 10 }, (_, i) => 100 + i));
    expect(asked.reduce((sum, count) => sum + count, 0)).toBe(9); // and the first, of the prompt
    for (const count of asked.slice(0, -1)) expect(count).toBe(call);
    expect(counts.steps).toBe(9);
  },
);
