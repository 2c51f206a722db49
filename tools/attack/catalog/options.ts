/** Options of wrong types, unknown names and numbers that are none, for every option of every method. */
import { load } from "../../../src/node.ts";
import type { Transcriber } from "../../../src/node.ts";
import * as methods from "../../../src/options/methods.ts";
import type { OptionTable, ValueRule } from "../../../src/options/rules.ts";
import { fixture } from "../../../test/helpers/environment/fixtures.ts";
import { oddValues } from "../../../test/helpers/builders/odd-values.ts";
import type { AttackCase } from "../case.ts";

const path = fixture("tiny/sensevoice/sensevoice-bf16.gguf");
const clip = fixture("audio/tiny.wav");
let loaded: Promise<Transcriber> | undefined;
const model = (): Promise<Transcriber> => (loaded ??= load(path, { backend: "cpu" }));

const bare: unknown = Object.create(null);
const symbol = Symbol("x");
/** Values that no rule of a kind accepts. */
const wrong: Readonly<Record<ValueRule["kind"], readonly unknown[]>> = {
  number: [NaN, "5x", null, {}, [], true, 5n, symbol, bare],
  numbers: [5, [NaN], ["5"], [null], [[5]], "5", null, [symbol], [bare], Array<number>(1e6).fill(1)],
  boolean: ["no", 0, NaN, null, {}, [], symbol, bare],
  choice: ["", "\u001b[2J", "constructor", 5, null, {}, ["a"], symbol, bare],
  text: [5, NaN, null, {}, [], true, symbol, bare],
  texts: ["a", 5, null, [5], [null], [symbol], [bare], { length: 1 }],
  function: [5, "a", null, {}, [], symbol, bare],
  options: [5, "no such word", null, true, symbol, { "no such option": 1 }],
  other: [5, NaN, null, true, symbol],
};

/** The method with these options. */
const calls: Readonly<Record<string, readonly [OptionTable, (options: never) => Promise<unknown>]>> = {
  transcribe: [methods.transcribe, async (options) => (await model()).transcribe(clip, options)],
  align: [methods.align, async (options) => (await model()).align(clip, "no", options)],
  ctc: [methods.ctc, async (options) => (await model()).ctc(clip, options)],
  run: [methods.run, async (options) => (await model()).run(clip, options)],
  load: [
    methods.load,
    async (options) => {
      using _ = await load(path, options);
    },
  ],
};

function shown(value: unknown): string {
  if (Array.isArray(value))
    return value.length > 9 ? `${value.length} items` : `[${value.map(shown).join()}]`;
  if (value === bare) return "an object without prototype";
  return typeof value === "object" && value !== null
    ? JSON.stringify(value)
    : `${typeof value} ${String(value)}`;
}

const ofOptions = Object.entries(calls).flatMap(([method, [table, call]]) =>
  Object.entries(table).flatMap(([name, { value: rule }]) =>
    wrong[rule.kind].map((value): AttackCase => ({
      name: `${method}: ${name} as ${shown(value)}`,
      run: () => call({ [name]: value } as never),
      expected: ["bad_option"],
    })),
  ),
);

const ofNames = Object.entries(calls).flatMap(([method, [, call]]) =>
  ["", "__proto__", "constructor", "\u001b[2J", "x".repeat(2 ** 16), "LANGUAGE", "0"].map(
    (name): AttackCase => ({
      name: `${method}: the name ${JSON.stringify(name.slice(0, 20))}`,
      run: () => call(Object.fromEntries([[name, 1]]) as never),
      expected: ["bad_option"],
    }),
  ),
);

const inputs = Object.keys(oddValues()).flatMap((name) =>
  (["transcribe", "align", "ctc", "run"] as const).map((method): AttackCase => ({
    name: `${method}: ${name} as audio`,
    async run() {
      const value = oddValues()[name] as never;
      const transcriber = await model();
      await (method === "align" ? transcriber.align(value, "no") : transcriber[method](value));
    },
    expected: ["bad_option", "audio_empty", "audio_rate"],
  })),
);

export const cases: readonly AttackCase[] = [...ofOptions, ...ofNames, ...inputs];
