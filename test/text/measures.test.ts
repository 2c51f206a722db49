/** Measures of a text: agreement, compression, probabilities of characters. */
import { deflateSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { logProbability, logSoftmaxRows } from "../../src/decoding/log-softmax.ts";
import { agreement } from "../../src/text/agreement.ts";
import { compressionRatio } from "../../src/decoding/generate.ts";
import { characterProbabilities } from "../../src/text/token-probabilities.ts";

describe("agreement", () => {
  it.each([
    ["天气预报说今天会有大雨。", "天气预报说今天会有大雨", 1],
    ["The weather, today!", "the weather today", 1],
    ["2033年，英国", "二零三三年英国", 1],
    ["共有123个，2026年", "共有一百二十三个二零二六年", 1],
    ["督工", "杜工", 0.5],
    ["", "", 1],
    ["！", "", 1],
    ["谢谢观看", "", 0],
    ["", "你好", 0],
    ["abcd", "abxy", 0.5],
  ])("of %j with %j", (written, draft, expected) => {
    expect(agreement(written, draft)).toBeCloseTo(expected, 9);
  });

  it("lies between 0 and 1, is 1 with itself, and is symmetric without numbers", () => {
    const texts = fc.string({ unit: fc.constantFrom("a", "b", "天", "气", "，", " "), maxLength: 12 });
    fc.assert(
      fc.property(texts, texts, (a, b) => {
        const value = agreement(a, b);
        expect(value >= 0 && value <= 1).toBe(true);
        expect(agreement(b, a)).toBe(value);
        expect(agreement(a, a)).toBe(1);
      }),
    );
  });
});

describe("compression", () => {
  it("is zlib's", async () => {
    for (const text of ["你好", "abc ".repeat(100), "天气预报说今天会有大雨。", "x"]) {
      const bytes = Buffer.from(text);
      expect(await compressionRatio(text)).toBeCloseTo(bytes.length / deflateSync(bytes).length, 2);
    }
    expect(await compressionRatio("")).toBe(0);
    expect(await compressionRatio("好的".repeat(60))).toBeGreaterThan(2.4);
  });
});

describe("log probability", () => {
  it("is that of the softmax", () => {
    const logits = fc.array(fc.integer({ min: -400, max: 400 }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(logits, fc.nat(), (list, pick) => {
        const row = Float32Array.from(list, (value) => value / 10);
        const id = pick % row.length;
        const own = logProbability(row, id);
        expect(own).toBeCloseTo(logSoftmaxRows(row.slice(), row.length)[id]!, 4);
      }),
    );
  });
});

describe("probabilities of characters", () => {
  const token = (text: string | Uint8Array, probability: number) => ({
    bytes: typeof text === "string" ? new TextEncoder().encode(text) : text,
    logprob: Math.log(probability),
  });
  const rounded = (text: string, tokens: ReturnType<typeof token>[]): number[] =>
    characterProbabilities(text, tokens).map((value) => Math.round(value * 100) / 100);

  it("are those of the tokens that spell them", () => {
    expect(rounded("天气好", [token("天气", 0.9), token("好", 0.5)])).toEqual([0.9, 0.9, 0.5]);
  });

  it("are the least of several tokens that spell one", () => {
    const [a, b, c] = new TextEncoder().encode("𠮷");
    const parts = [token(Uint8Array.of(a!, b!), 0.8), token(Uint8Array.of(c!), 0.4)];
    const last = new TextEncoder().encode("𠮷")[3]!;
    expect(rounded("𠮷", [...parts, token(Uint8Array.of(last), 0.6)])).toEqual([0.4]);
  });

  it("are of one token each where a character is repeated", () => {
    expect(rounded("aaa", [token("a", 0.9), token("aa", 0.4)])).toEqual([0.9, 0.4, 0.4]);
  });

  it("of a character in no token are those of the next one, and behind the last of the last", () => {
    const tokens = [token("a", 0.9), token("b", 0.4), token("c", 0.7)];
    expect(rounded("xaybc", tokens)).toEqual([0.9, 0.9, 0.4, 0.4, 0.7]);
    expect(rounded("abcz", tokens)).toEqual([0.9, 0.4, 0.7, 0.7]);
    expect(rounded("az", [token("a", 0.9)])).toEqual([0.9, 0.9]);
  });

  it("are found behind a byte that is no text", () => {
    expect(rounded("\uFFFDbc", [token(Uint8Array.of(0xff), 0.3), token("b", 0.7), token("c", 0.5)])).toEqual([
      0.3, 0.7, 0.5,
    ]);
  });

  it("skip characters that are not in the text", () => {
    const tokens = [token(" a", 0.9), token("/sil", 0.1), token("\n\n", 0.2), token("b", 0.7)];
    expect(rounded("a b", tokens)[0]).toBe(0.9);
    expect(rounded("a b", tokens)[2]).toBe(0.7);
    expect(rounded("ab", [])).toEqual([1, 1]);
  });
});
