/** The check of options against a table. */
import { describe, expect, it } from "vitest";
import { checkOptions } from "../../src/options/check.ts";
import { nearest } from "../../src/options/nearest.ts";
import { load, transcribe } from "../../src/options/methods.ts";
import { valuesText, wanted } from "../../src/options/rules.ts";
import type { ValueRule } from "../../src/options/rules.ts";

const check = (options: object) => () => checkOptions(options, transcribe);

describe("options of transcribe", () => {
  it.each([
    {},
    { topK: undefined },
    { language: "zh", itn: false, decoder: "ctc", maxNewTokens: "auto" },
    { temperature: 0, topP: 1, seed: 4_294_967_295, fallback: { temperatures: [0.3, 1], avgLogprob: -1 } },
    { chunk: "off", align: { method: "text", offset: -0.03 } },
    { chunk: { seconds: 15, cut: "fixed" }, onProgress: () => {} },
  ])("may be %j", (options) => {
    expect(check(options)).not.toThrow();
  });

  it.each<[object, string, string]>([
    [{ decoder: "CTC" }, "decoder", 'decoder: "CTC"; wanted llm, ctc'],
    [{ itn: "no" }, "itn", 'itn: "no"; wanted true or false'],
    [{ topP: 0 }, "topP", "topP: 0; wanted a number above 0, up to 1"],
    [{ topK: 1.5 }, "topK", "topK: 1.5; wanted a whole number from 0"],
    [{ temperature: Number.NaN }, "temperature", "temperature: NaN; wanted a number from 0 to 10"],
    [{ maxNewTokens: 0 }, "maxNewTokens", "maxNewTokens: 0; wanted a whole number from 1, or auto"],
    [
      { chunk: { seconds: 0 } },
      "chunk.seconds",
      "chunk.seconds: 0; wanted a number of seconds from 1 to 600",
    ],
    [{ chunk: "of" }, "chunk", 'chunk: "of"; wanted an object, or off'],
    [
      { fallback: { temperatures: [0.3, -1] } },
      "fallback.temperatures",
      "[0.3, -1]; wanted at most 20 numbers",
    ],
    [{ onToken: "print" }, "onToken", "wanted a function"],
    [
      { fallback: { temperatures: [Object.create(null), [1], Symbol("x")] } },
      "fallback.temperatures",
      "[an object, an array, Symbol(x)]; wanted",
    ],
    [
      { fallback: { temperatures: Array<number>(1e6).fill(1) } },
      "fallback.temperatures",
      "1, 1, … 1000000 values]; wanted",
    ],
    [{ language: 7 }, "language", "language: 7; wanted a string"],
  ])("may not be %j", (options, where, message) => {
    expect(check(options)).toThrow(expect.objectContaining({ code: "bad_option", where }));
    expect(check(options)).toThrow(message);
  });

  it.each([
    [{ hotword: ["a"] }, "hotword: unknown option. Did you mean hotwords?"],
    [{ maxTokens: 5 }, "maxTokens: unknown option. Did you mean maxNewTokens?"],
    [{ Language: "zh" }, "Language: unknown option. Did you mean language?"],
    [{ chunk: { second: 3 } }, "chunk.second: unknown option. Did you mean chunk.seconds?"],
    [{ colour: 1 }, "colour: unknown option; wanted language, "],
    [{ constructor: 1 }, "constructor: unknown option"],
  ])("are known by name: not %j", (options, message) => {
    expect(check(options)).toThrow(message);
  });
});

it.each(["amMvn", "vad"])("null is no value of %s, which its user checks", (name) => {
  expect(() => checkOptions({ [name]: null }, load)).toThrow(`${name}: null; wanted`);
});

it("finds the nearest name, or none", () => {
  expect(nearest("tempratures", ["seed", "temperature"])).toBe("temperature");
  expect(nearest("x", ["seed", "temperature"])).toBeUndefined();
  expect(nearest("x", [])).toBeUndefined();
});

it.each<[ValueRule, string, string]>([
  [{ kind: "number" }, "a number", ""],
  [{ kind: "number", most: 3 }, "a number up to 3", "up to 3"],
  [{ kind: "number", least: 0, above: true }, "a number above 0", "above 0"],
  [
    { kind: "number", least: 1, whole: true, or: "auto" },
    "a whole number from 1, or auto",
    "1 or more, auto",
  ],
  [
    { kind: "number", least: 1, most: 9, unit: "seconds" },
    "a number of seconds from 1 to 9",
    "seconds, 1 to 9",
  ],
  [{ kind: "choice", values: ["a", "b"] }, "a, b", "a, b"],
  [{ kind: "boolean" }, "true or false", ""],
])("describes the values of %j", (rule, error, short) => {
  expect(wanted(rule)).toBe(error);
  expect(valuesText(rule)).toBe(short);
});
