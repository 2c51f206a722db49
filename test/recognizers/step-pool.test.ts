/**
 * Texts that share the steps of a random language model: the tokens and events of each one alone, whichever texts are
 * generated at the same time, with which drafts, and however they end.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decode } from "../../src/decoding/generate.ts";
import type { DecodingOptions } from "../../src/decoding/generate.ts";
import { offerTurn } from "../../src/engine/scheduler.ts";
import type { Qwen3 } from "../../src/models/qwen3.ts";
import { liveTensors } from "../../src/nn/backend.ts";
import { platform } from "../../src/platform/current.ts";
import { StepGroup, StepPool } from "../../src/recognizers/step-pool.ts";
import { StepCounts, steppedTokens } from "../../src/recognizers/token-source.ts";
import type { Drafting } from "../../src/recognizers/token-source.ts";
import { uniform } from "../helpers/builders/random.ts";
import { tinyNano } from "../helpers/builders/tiny-nano.ts";
import { testedBackends } from "../helpers/environment/backends.ts";
import { engine } from "../helpers/environment/engine.ts";
import { withTinyLlm } from "../helpers/environment/tiny-llm.ts";

const END = 7;

/** A text to be generated. */
interface Text {
  readonly prompt: number;
  readonly seed: number;
  readonly temperature: number;
  readonly maxTokens: number;
  readonly most: number;
  readonly fallback: boolean;
  /** Whether it is one of the group's, and the turns that it takes before its prompt. */
  readonly grouped: boolean;
  readonly delay: number;
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
  grouped: fc.boolean(),
  delay: fc.nat(10),
  abort: fc.option(fc.nat(12), { freq: 4 }),
});

/** Drafts that are right by chance, the same for a text in any company. */
function drafting({ most, seed }: Text): Drafting | undefined {
  if (most === 0) return undefined;
  return {
    usual: Math.min(2, most),
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
  let llm: Qwen3;
  withTinyLlm(backend, (found) => (llm = found));

  /** The result of a text or its error, with all that was seen meanwhile, as text; steps by `pool`, else alone. */
  function generate(
    wanted: Text,
    pool?: StepPool,
    { check, group = new StepGroup(4) }: { check?: (() => void) | undefined; group?: StepGroup } = {},
  ): Promise<string> {
    const { prompt, seed, temperature, maxTokens, abort, fallback, grouped, delay } = wanted;
    const counts = new StepCounts();
    const events: string[] = [];
    const options: DecodingOptions = {
      temperature,
      seed,
      ...(fallback ? { fallback: { temperatures: [0.9], avgLogprob: 0 } } : {}),
    };
    const work = async (): Promise<unknown> => {
      const arrival = grouped ? pool?.expect(group) : undefined;
      const join = pool && (() => pool.join(arrival));
      const size = { rows: prompt, tokens: maxTokens, expected: seed % maxTokens };
      const source = steppedTokens(llm, size, counts, drafting(wanted), join);
      try {
        for (let turn = 0; turn < delay; turn++) await offerTurn(() => platform().yieldNow());
        const ids = Array.from({ length: prompt }, (_, i) => (seed + 11 * i) % tinyNano.vocab);
        await source.begin(
          (from) => llm.embed(ids.slice(from)),
          () => offerTurn(() => platform().yieldNow()),
        );
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
        arrival?.end();
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
        const group = new StepGroup(4);
        expect(await Promise.all(wanted.map((one) => generate(one, pool, { group })))).toEqual(alone);
        expect(group.coming).toBe(0);
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
    grouped: false,
    delay: 0,
    abort: null,
  };

  it("of a group have no step before all that have begun take part, while those of others go on", async () => {
    const { model, texts } = counted();
    const pool = new StepPool(model);
    const group = new StepGroup(3);
    const grouped = [0, 20, 9].map((delay) => ({ ...equal, grouped: true, delay }));
    await Promise.all(grouped.map((one) => generate(one, pool, { group })));
    expect([...new Set(texts)]).toEqual([3]);

    texts.length = 0;
    const all = [...grouped, { ...equal, grouped: true, delay: 60 }, { ...equal, maxTokens: 8 }];
    await Promise.all(all.map((one) => generate(one, pool, { group })));
    expect([...new Set(texts)]).toEqual([1, 4]);
  });

  it("of a group go on where one ends before its first step", async () => {
    const { model, texts } = counted();
    const pool = new StepPool(model);
    const group = new StepGroup(3);
    let left = 25;
    const check = (): void => {
      if (left-- <= 0) throw new Error("disposed");
    };
    const grouped = [0, 5, 100].map((delay) => ({ ...equal, grouped: true, delay }));
    const checks = [undefined, undefined, check];
    const found = await Promise.all(
      grouped.map((one, i) => generate(one, pool, { group, check: checks[i] })),
    );
    expect(JSON.parse(found[2]!)).toMatchObject({ error: "disposed" });
    for (const i of [0, 1]) expect(found[i]).toBe(await generate(grouped[i]!));
    expect([...new Set(texts)]).toEqual([2]);
  });

  it("of a group draft as many tokens as a step of 16 rows has room for", () => {
    const most = [1, 2, 3, 4, 5, 6, 8, 9, 16, 40].map((size) => new StepGroup(size).mostDrafted);
    expect(most).toEqual([15, 7, 4, 3, 2, 1, 1, 0, 0, 0]);
  });

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
      const found = await Promise.all(wanted.map((one, i) => generate(one, pool, { check: checks[i] })));
      expect(JSON.parse(found[0]!)).toMatchObject({ error: "disposed" });
      for (const i of [1, 2]) expect(found[i]).toBe(await generate(wanted[i]!));
    }
  });
});

it("a window of a group arrives once, however often its end is announced", () => {
  const pool = new StepPool({} as Qwen3);
  const group = new StepGroup(2);
  const [first, second] = [pool.expect(group), pool.expect(group)];
  first.end();
  first.end();
  expect(group.coming).toBe(1);
  pool.join(second).leave();
  second.end();
  expect(group.coming).toBe(0);
});
