/**
 * Texts that share the steps of a random language model: the tokens and events of each one alone, whichever texts are
 * generated at the same time, with which drafts, and however they end.
 */
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildModel } from "../../src/architectures/build.ts";
import { decode } from "../../src/decoding/generate.ts";
import type { DecodingOptions } from "../../src/decoding/generate.ts";
import { offerTurn } from "../../src/engine/scheduler.ts";
import type { FunAsrNano } from "../../src/models/fun-asr-nano/fun-asr-nano.ts";
import type { Qwen3 } from "../../src/models/qwen3.ts";
import { liveTensors } from "../../src/nn/backend.ts";
import { dispose } from "../../src/nn/ops.ts";
import { platform } from "../../src/platform/current.ts";
import { StepPool } from "../../src/recognizers/step-pool.ts";
import { StepCounts, steppedTokens } from "../../src/recognizers/token-source.ts";
import type { Drafting } from "../../src/recognizers/token-source.ts";
import { uniform } from "../helpers/builders/random.ts";
import { tinyNano, tinyNanoCheckpoint } from "../helpers/builders/tiny-nano.ts";
import { testedBackends } from "../helpers/environment/backends.ts";
import { engine } from "../helpers/environment/engine.ts";

const END = 7;

/** A text to be generated. */
interface Text {
  readonly prompt: number;
  readonly seed: number;
  readonly temperature: number;
  readonly maxTokens: number;
  readonly most: number;
  readonly fallback: boolean;
  /** Tokens after which it is aborted. */
  readonly abort: number | null;
}

const text: fc.Arbitrary<Text> = fc.record({
  prompt: fc.integer({ min: 1, max: 12 }),
  seed: fc.integer({ min: 0, max: 20 }),
  temperature: fc.constantFrom(0, 0.8),
  maxTokens: fc.integer({ min: 1, max: 16 }),
  most: fc.integer({ min: 0, max: 4 }),
  fallback: fc.boolean(),
  abort: fc.option(fc.nat(12), { freq: 4 }),
});

/** Drafts that are right by chance, the same for a text in any company. */
function drafting({ most, seed }: Text): Drafting | undefined {
  if (most === 0) return undefined;
  return {
    most,
    drafter: () => {
      const random = uniform(seed);
      return {
        propose: (written, count) =>
          Array.from({ length: count }, () =>
            random() < 0.5 ? written.at(-1)! : Math.floor(random() * tinyNano.vocab),
          ),
      };
    },
  };
}

describe.each(testedBackends)("texts that share steps on %s", (backend) => {
  let loaded: Awaited<ReturnType<typeof buildModel>>;
  let llm: Qwen3;
  beforeAll(async () => {
    loaded = await buildModel(tinyNanoCheckpoint(), { engine, backend });
    ({ llm } = loaded.model as FunAsrNano);
  });
  afterAll(() => loaded.dispose());

  /** The result of a text or its error, with all that was seen meanwhile, as text; steps by `pool`, else alone. */
  function generate(wanted: Text, pool?: StepPool, check?: () => void): Promise<string> {
    const { prompt, seed, temperature, maxTokens, abort, fallback } = wanted;
    const counts = new StepCounts();
    const events: string[] = [];
    const options: DecodingOptions = {
      temperature,
      seed,
      ...(fallback ? { fallback: { temperatures: [0.9], avgLogprob: 0 } } : {}),
    };
    const work = async (): Promise<unknown> => {
      const join = pool && (() => pool.join());
      const source = steppedTokens(llm, { rows: prompt, tokens: maxTokens }, counts, drafting(wanted), join);
      try {
        const embeds = llm.embed(Array.from({ length: prompt }, (_, i) => (seed + 11 * i) % tinyNano.vocab));
        await source.begin(embeds, () => offerTurn(() => platform().yieldNow()));
        dispose(embeds);
        return await decode(source, {
          options,
          endIds: [END],
          maxTokens,
          textOf: (tokens) => tokens.join(" "),
          sinkOf: (attempt) => ({
            push: (id) => events.push(`${attempt}: ${id}`),
            end: () => events.push(`${attempt} ends`),
          }),
          betweenTokens: async (done) => {
            events.push(`${done} done`);
            await offerTurn(() => platform().yieldNow());
            if (done === abort) throw new Error("aborted");
          },
        });
      } finally {
        source.dispose();
      }
    };
    return engine.run(backend, work, { check }).then(
      (decoded) => JSON.stringify({ decoded, events, counts }),
      (error: unknown) => JSON.stringify({ error: (error as Error).message, events, counts }),
    );
  }

  /** The model, and how many texts each of its steps had. */
  function counted(fails: (texts: number) => boolean = () => false): { model: Qwen3; texts: number[] } {
    const texts: number[] = [];
    const steps: Qwen3["steps"] = (...tokens) => {
      texts.push(tokens.length);
      if (fails(tokens.length)) throw new Error("this step fails");
      return llm.steps(...tokens);
    };
    return { model: { ...llm, steps }, texts };
  }

  it("are those of each one alone, beside aborted ones", async () => {
    let [joint, all] = [0, 0];
    await fc.assert(
      fc.asyncProperty(fc.array(text, { minLength: 2, maxLength: 5 }), async (wanted) => {
        const alone: string[] = [];
        for (const one of wanted) alone.push(await generate(one));
        const before = liveTensors();
        const { model, texts } = counted();
        const pool = new StepPool(model);
        expect(await Promise.all(wanted.map((one) => generate(one, pool)))).toEqual(alone);
        expect(liveTensors()).toBe(before);
        joint += texts.filter((count) => count > 1).length;
        all += texts.length;
      }),
      { numRuns: backend === "cpu" ? 10 : 25 },
    );
    expect(joint).toBeGreaterThan(all / 4);
  });

  const equal: Text = {
    prompt: 5,
    seed: 3,
    temperature: 0.8,
    maxTokens: 20,
    most: 0,
    fallback: false,
    abort: null,
  };

  it("have one step for all of them, where they are equally long", async () => {
    const { model, texts } = counted();
    const pool = new StepPool(model);
    await Promise.all([1, 2, 3, 4].map(() => generate(equal, pool)));
    expect(texts.length).toBeGreaterThan(5);
    expect(texts.filter((count) => count === 4).length).toBeGreaterThanOrEqual(texts.length - 4);
  });

  it("go on where a step of several fails, as if each one were alone", async () => {
    const { model, texts } = counted((count) => count > 1 && texts.length % 3 === 0);
    const pool = new StepPool(model);
    const wanted = [equal, { ...equal, seed: 4 }, { ...equal, most: 3 }];
    const found = await Promise.all(wanted.map((one) => generate(one, pool)));
    for (const [i, one] of wanted.entries()) expect(found[i]).toBe(await generate(one));
    expect(texts).toContain(3);
  });

  it("fail alone where the model fails for one of them", async () => {
    const steps: Qwen3["steps"] = (...tokens) => {
      if (tokens.some(({ cache }) => cache.generated >= 6 && cache.capacity === 31))
        throw new Error("no room");
      return llm.steps(...tokens);
    };
    const pool = new StepPool({ ...llm, steps });
    const wanted = [equal, { ...equal, prompt: 11 }, { ...equal, seed: 9 }];
    const found = await Promise.all(wanted.map((one) => generate(one, pool)));
    expect(JSON.parse(found[1]!)).toMatchObject({ error: "no room" });
    for (const i of [0, 2]) expect(found[i]).toBe(await generate(wanted[i]!));
  });

  it("go on where a job ends while it waits for its step", async () => {
    for (const turns of [8, 11, 14, 17, 20]) {
      let left = turns;
      const check = (): void => {
        if (left-- <= 0) throw new Error("disposed");
      };
      const pool = new StepPool(llm);
      const wanted = [equal, equal, { ...equal, seed: 9 }];
      const checks = [check, undefined, undefined];
      const found = await Promise.all(wanted.map((one, i) => generate(one, pool, checks[i])));
      expect(JSON.parse(found[0]!)).toMatchObject({ error: "disposed" });
      for (const i of [1, 2]) expect(found[i]).toBe(await generate(wanted[i]!));
    }
  });
});
