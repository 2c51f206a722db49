/** Attempts, retries and confidence, on language models that are tables. */
import { describe, expect, it } from "vitest";
import { decode, planFallbacks } from "../../src/decoding/generate.ts";
import type { DecoderState, DecodingOptions } from "../../src/decoding/generate.ts";

const END = 0;
const VOCABULARY = 30;

/** Logits that make `favorite` the best token by `margin`. */
function favor(favorite: number, margin: number): Float32Array {
  const logits = new Float32Array(VOCABULARY);
  logits[favorite] = margin;
  return logits;
}

/** Decodes with a rule that gives the next logits from the tokens so far. */
async function run(
  rule: (tokens: readonly number[], attempt: number) => Float32Array,
  options: DecodingOptions,
  maxTokens = 100,
  speech: Pick<Parameters<typeof decode>[1], "judgeLoops" | "draft"> = {},
) {
  const emitted: string[][] = [];
  const tokens: number[] = [];
  let attempt = 0;
  const first = rule([], 0);
  const prompt: DecoderState = {
    async *tokens(pick) {
      for (let logits = first; ; logits = rule(tokens, attempt)) {
        const picked = pick(logits);
        yield picked;
        tokens.push(picked.id);
      }
    },
    rewind: () => {
      attempt++;
      tokens.length = 0;
    },
  };
  const result = await decode(prompt, {
    options,
    ...speech,
    endIds: [END],
    maxTokens,
    textOf: (ids) => ids.map((id) => String.fromCharCode(64 + id)).join(""),
    sinkOf: (index) => {
      const own: string[] = (emitted[index] = []);
      return { push: (id) => own.push(String.fromCharCode(64 + id)), end: () => own.push(".") };
    },
    betweenTokens: async () => {},
  });
  return { ...result, emitted: emitted.map((pieces) => pieces.join("")), rewinds: attempt };
}

/** A, B, C, then the end. */
const spell = (tokens: readonly number[]): Float32Array =>
  favor(tokens.length < 3 ? tokens.length + 1 : END, 9);
const loop = (): Float32Array => favor(7, 20);

describe("decoding", () => {
  it("is greedy and makes one attempt", async () => {
    const { best, attempts, emitted } = await run(spell, {});
    expect(best.tokens).toEqual([1, 2, 3]);
    expect(attempts).toEqual([
      { temperature: 0, text: "ABC", generatedTokens: 3, stop: "end", compressionRatio: expect.any(Number) },
    ]);
    expect(emitted).toEqual(["ABC."]);
  });

  it("cuts a loop without another attempt", async () => {
    const { best, attempts } = await run(loop, {});
    expect(best.tokens).toEqual([7]);
    expect(attempts).toMatchObject([{ stop: "loop" }]);
  });

  it("reports log probabilities, whose mean includes the end token", async () => {
    const { best } = await run(spell, { logprobs: true });
    const each = 9 - Math.log(Math.exp(9) + VOCABULARY - 1);
    expect(best.logprobs).toHaveLength(3);
    for (const logprob of best.logprobs) expect(logprob).toBeCloseTo(each, 6);
    expect(best.attempt.avgLogprob).toBeCloseTo(each, 6);
    const cut = await run(spell, { logprobs: true }, 2);
    expect([cut.best.logprobs.length, cut.best.attempt.stop]).toEqual([2, "length"]);
  });

  it("tries again where the text loops, from the prompt on", async () => {
    const rule = (tokens: readonly number[], attempt: number) => (attempt === 0 ? loop() : spell(tokens));
    // The first logits are the prompt's own: 7 in every attempt.
    const { best, attempts, emitted, rewinds } = await run(
      (tokens, attempt) => (tokens.length === 0 ? favor(7, 20) : rule(tokens.slice(1), attempt)),
      { fallback: {} },
    );
    expect(attempts.map(({ stop, temperature }) => [stop, temperature])).toEqual([
      ["loop", 0],
      ["end", 0.3],
    ]);
    expect(best.tokens).toEqual([7, 1, 2, 3]);
    expect(emitted.map((text) => text.slice(0, 4))).toEqual(["GGGG", "GABC"]);
    expect(rewinds).toBe(1);
  });

  it("keeps a loop that was spoken, and makes no other attempt", async () => {
    const judgeLoops = () => () => ({ keep: 25, until: 28, spoken: true });
    const { best, attempts } = await run(loop, { fallback: {} }, 100, { judgeLoops, draft: "G".repeat(200) });
    expect(best.tokens).toEqual(Array<number>(25).fill(7));
    expect(best.cut).toEqual({ start: 0, length: 1, spoken: true });
    expect(attempts).toHaveLength(1);
  });

  it("takes a text that repeats itself, where the draft does", async () => {
    const greetings = (tokens: readonly number[]): Float32Array =>
      favor(tokens.length < 19 * 3 ? 1 + (tokens.length % 19) : END, 20);
    const attemptsWith = async (draft: string) => {
      const options = { fallback: { compressionRatio: 1.2, temperatures: [0.01] } };
      return (await run(greetings, options, 100, { draft })).attempts.length;
    };
    expect(await attemptsWith("a text that does not repeat itself")).toBe(2);
    expect(await attemptsWith("good morning to all. ".repeat(10))).toBe(1);
  });

  it.each([
    ["improbable", { fallback: { avgLogprob: -0.001 } }, 4],
    ["repetitive", { fallback: { compressionRatio: 0.1 } }, 4],
    ["good", { fallback: {} }, 1],
    ["never good, at temperatures of one's own", { fallback: { avgLogprob: 0, temperatures: [0.1] } }, 2],
  ])("judges a text %s", async (_, options, count) => {
    const { attempts } = await run(spell, options);
    expect(attempts).toHaveLength(count);
  });

  it("prefers a text without a loop, and the more probable of two", async () => {
    // Attempt 0 loops with high probability, 1 ends with a low one, 2 with a higher one.
    const rule = (tokens: readonly number[], attempt: number): Float32Array => {
      if (tokens.length === 0) return favor(7, 30);
      if (attempt === 0) return favor(7, 30);
      return favor(tokens.length < 4 ? tokens.length + attempt : END, [30, 6, 8][attempt]!);
    };
    const { best, attempts } = await run(rule, {
      fallback: { temperatures: [0.01, 0.01], avgLogprob: -1e-6 },
    });
    expect(attempts.map(({ stop }) => stop)).toEqual(["loop", "end", "end"]);
    expect(best.tokens).toEqual([7, 3, 4, 5]);
  });

  it("penalizes tokens that are already in the text", async () => {
    const twice = (): Float32Array => Float32Array.from({ length: VOCABULARY }, (_, id) => 10 - id);
    expect((await run(twice, {}, 3)).best.tokens).toEqual([]); // the end token is the best
    const rule = (): Float32Array => {
      const logits = new Float32Array(VOCABULARY).fill(-5);
      [logits[5], logits[6], logits[8]] = [3, 2, 1.6];
      return logits;
    };
    expect((await run(rule, { repetitionPenalty: 2 }, 3)).best.tokens).toEqual([5, 6, 8]);
    expect((await run(rule, {}, 3)).best.tokens).toEqual([5, 5, 5]);
  });

  it.each([
    [{ temperature: -1 }],
    [{ temperature: NaN }],
    [{ topP: 0 }],
    [{ topK: 0.5 }],
    [{ seed: -1 }],
    [{ repetitionPenalty: 0 }],
    [{ repetitionPenalty: NaN }],
    [{ fallback: { temperatures: [11] } }],
    [{ fallback: { avgLogprob: NaN } }],
  ])("refuses %o", (options) => {
    expect(() => planFallbacks(options)).toThrow(expect.objectContaining({ code: "bad_option" }));
  });
});
