/** What prompts have in common is computed once: the same bytes, and nothing of another prompt. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { argmax } from "../../src/decoding/greedy.ts";
import type { Qwen3 } from "../../src/models/qwen3.ts";
import { liveTensors } from "../../src/nn/backend.ts";
import { load } from "../../src/node.ts";
import type { TranscribeOptions } from "../../src/node.ts";
import { PromptStart } from "../../src/recognizers/prompt-start.ts";
import { StepCounts, steppedTokens } from "../../src/recognizers/token-source.ts";
import { clipSamples } from "../helpers/builders/joined-clips.ts";
import { tinyNano } from "../helpers/builders/tiny-nano.ts";
import { testedBackends } from "../helpers/environment/backends.ts";
import { engine } from "../helpers/environment/engine.ts";
import { withTinyLlm } from "../helpers/environment/tiny-llm.ts";

const TOKENS = 6;
/** Positions that are kept. */
const MOST = 128;

/** A prompt: its first tokens, those after it, and how many tokens are drafted. */
interface Prompt {
  readonly prefix: readonly number[];
  readonly rest: readonly number[];
  readonly drafted: number;
}

/** Few different tokens, so that prompts have beginnings in common. */
const prompt = fc.record({
  prefix: fc.array(fc.integer({ min: 1, max: 2 }), { maxLength: 40 }),
  rest: fc.array(fc.integer({ min: 0, max: tinyNano.vocab - 1 }), { minLength: 1, maxLength: 30 }),
  drafted: fc.integer({ min: 0, max: 7 }),
});

describe.each(testedBackends)("the beginning of prompts on %s", (backend) => {
  let llm: Qwen3;
  withTinyLlm(backend, (found) => (llm = found));

  /** All logits of a greedy text, and from which row on the prompt was computed. */
  async function written({ prefix, rest, drafted }: Prompt, start?: PromptStart) {
    const ids = [...prefix, ...rest];
    const logits: number[] = [];
    let computedFrom = -1;
    const drafting = {
      usual: drafted,
      most: drafted,
      drafter: () => ({ propose: (_: unknown, n: number) => ids.slice(0, n) }),
    };
    await engine.run(backend, async () => {
      const size = { rows: ids.length, tokens: TOKENS, known: start?.of(prefix) };
      const source = steppedTokens(llm, size, new StepCounts(), drafted === 0 ? undefined : drafting);
      const embed = (from: number) => llm.embed(ids.slice((computedFrom = from)));
      await source.begin(embed, async () => {});
      const pick = (row: Float32Array) => {
        logits.push(...row);
        return { id: argmax(row) };
      };
      let tokens = 0;
      for await (const _ of source.tokens(pick)) if (++tokens === TOKENS) break;
      source.dispose();
    });
    return { logits, computedFrom };
  }

  it("changes no bit of the logits, whatever came before", async () => {
    const prompts = fc.array(prompt, { minLength: 2, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(prompts, async (all) => {
        const start = new PromptStart();
        const live = liveTensors();
        for (const one of all)
          expect((await written(one, start)).logits).toEqual((await written({ ...one, drafted: 0 })).logits);
        expect(liveTensors()).toBe(live);
      }),
      { numRuns: 25 },
    );
  });

  it("is computed once, as far as it is the same, and is that of the last prompt", async () => {
    const start = new PromptStart();
    const from = async (prefix: readonly number[]): Promise<number> =>
      (await written({ prefix, rest: [3], drafted: 0 }, start)).computedFrom;
    expect(await from([1, 2, 3, 4])).toBe(0);
    expect(await from([1, 2, 3, 4])).toBe(4);
    expect(await from([1, 2])).toBe(2); // the longer one stays
    expect(await from([1, 2, 3, 4, 5])).toBe(4);
    expect(await from([1, 9, 3, 4, 5])).toBe(1);
    expect(await from([1, 2, 3, 4, 5])).toBe(1);
    expect(await from([4])).toBe(0);
  });

  it("is kept up to a number of positions", async () => {
    const start = new PromptStart();
    const long = {
      prefix: Array.from({ length: 200 }, (_, i) => (7 * i) % tinyNano.vocab),
      rest: [3],
      drafted: 2,
    };
    const alone = await written({ ...long, drafted: 0 });
    await written(long, start);
    expect(await written(long, start)).toEqual({ ...alone, computedFrom: MOST });
  });
});

describe("results of the demo model", () => {
  const samples = clipSamples("en-shopping");
  const requests: readonly TranscribeOptions[] = [
    {},
    {},
    { language: "English", itn: false },
    { hotwords: ["Catherine"], logprobs: true },
    { hotwords: ["Catherine", "shopping"], context: "a list" },
    {},
  ];

  it("are those of a model that has read no other prompt", async () => {
    using model = await load("models/demo/fun-asr-demo-q8_0.gguf");
    for (const options of requests) {
      using fresh = await load("models/demo/fun-asr-demo-q8_0.gguf");
      const { timings: _, segments: __, ...expected } = await fresh.transcribe(samples, options);
      const { timings: ___, segments: ____, ...result } = await model.transcribe(samples, options);
      expect(result).toEqual(expected);
    }
  });

  it("have activations of all of the prompt's rows", async () => {
    const stage = "llm.model.layers.0.self_attn.k_proj";
    using model = await load("models/demo/fun-asr-demo-q8_0.gguf");
    const first = await model.run(samples, { capture: [stage] });
    const { counts } = await model.transcribe(samples);
    const again = await model.run(samples, { capture: [stage] });
    expect(again.stages.get(stage)).toEqual(first.stages.get(stage));
    const rows = counts.prefixTokens + counts.audioTokens + counts.suffixTokens;
    expect(again.stages.get(stage)!.shape[0]).toBe(rows);
  });
});
