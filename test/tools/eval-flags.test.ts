/** The flags of the evaluation, and its sample. */
import { describe, expect, it } from "vitest";
import { help, readFlags, spread } from "../../tools/eval/flags.ts";
import { readTestSet } from "../../tools/eval/test-set.ts";

it("takes a sample on wasm, in both formats, without flags", () => {
  expect(readFlags([])).toEqual({
    help: false,
    limit: 48,
    backends: ["wasm"],
    types: ["Q8_0", "F32"],
    measure: "errors",
    json: undefined,
  });
});

it("takes all utterances with --all, a number with --limit, and names what to measure", () => {
  expect(readFlags(["--all", "--backend", "cpu", "--backend", "wasm"])).toMatchObject({
    limit: Infinity,
    backends: ["cpu", "wasm"],
  });
  expect(readFlags(["--limit", "7", "--type", "q4_0", "--doubt", "--json", "x.json"])).toMatchObject({
    limit: 7,
    types: ["Q4_0"],
    measure: "doubt",
    json: "x.json",
  });
});

it("lists all flags in its help", () => {
  expect(readFlags(["-h"]).help).toBe(true);
  for (const flag of [
    "all",
    "limit",
    "backend",
    "type",
    "times",
    "hotword-search",
    "doubt",
    "drafts",
    "json",
  ])
    expect(help).toMatch(new RegExp(`^ +--${flag} `, "mu"));
});

describe("is refused", () => {
  it.each([
    [["--al"], "--al: unknown option. Did you mean --all?"],
    [["--limit", "none"], "--limit: none; wanted a whole number from 1"],
    [["--backend", "wsm"], "--backend: wsm; wanted wasm, cpu, tensorflow. Did you mean wasm?"],
    [["--type", "q9"], 'type: "q9"; wanted one of'],
    [["some.wav"], "eval: some.wav; wanted flags (--help)"],
  ])("%j", (argv, message) => {
    expect(() => readFlags(argv)).toThrow(message);
  });
});

it("spreads the sample over languages and names as the whole set has them", async () => {
  const all = await readTestSet();
  const sample = spread(all, 48);
  const share = (some: typeof all, holds: (one: (typeof all)[number]) => boolean): number =>
    some.filter(holds).length / some.length;
  expect(new Set(sample).size).toBe(48);
  expect(share(sample, ({ language }) => language === "zh")).toBe(
    share(all, ({ language }) => language === "zh"),
  );
  expect(share(sample, ({ hotwords }) => hotwords.length > 0)).toBeCloseTo(
    share(all, ({ hotwords }) => hotwords.length > 0),
    1,
  );
  expect(spread(all, Infinity)).toEqual(all);
});
