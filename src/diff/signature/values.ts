/** Hypotheses about single values: a factor, an offset, a bound, a function, a rounding. */
import { readHalf, writeHalf } from "../../../kernels/formats/f16.ts";
import { explains, short } from "./matrix.ts";
import type { Hypothesis, Pair } from "./matrix.ts";

const largestHalf = 65_504;

/** Factors with a meaning. */
const factors: readonly (readonly [value: number, meaning: string])[] = [
  [Math.SQRT2, "√2"],
  [Math.SQRT1_2, "1/√2"],
  [2, "added or counted twice"],
  [0.5, "halved"],
  [32_768, "samples as 16-bit integers"],
  [1 / 32_768, "samples divided by 32768"],
  [Math.LN10, "ln 10: another base of the logarithm"],
  [1 / Math.LN10, "1/ln 10: another base of the logarithm"],
  [Math.LN2, "ln 2: another base of the logarithm"],
  [1 / Math.LN2, "1/ln 2: another base of the logarithm"],
];

/** Offsets with a meaning: logarithms of squared factors. */
const offsets: readonly (readonly [value: number, meaning: string])[] = [
  [2 * Math.log(32_768), "2 ln 32768: samples as 16-bit integers"],
  [-2 * Math.log(32_768), "2 ln 32768: samples divided by 32768"],
];

function meaningOf(value: number, known: typeof factors, columns: number): string {
  const near = (wanted: number): boolean => Math.abs(value / wanted - 1) < 2e-4;
  const found = known.find(([wanted]) => near(wanted))?.[1];
  if (found !== undefined) return ` (${found})`;
  for (const [power, form] of [
    [0.5, "√"],
    [-0.5, "1/√"],
    [1, ""],
    [-1, "1/"],
  ] as const) {
    const size = [columns, 8, 16, 32, 64, 80, 96, 128, 512, 560, 1024].find((n) => near(n ** power));
    if (size !== undefined) return ` (${form}${size})`;
  }
  return "";
}

export const nonFinite: Hypothesis = ({ ours, theirs }) => {
  let bad = 0;
  let beyond = 0;
  let large = 0;
  for (const [i, x] of ours.values.entries()) {
    const y = theirs.values[i]!;
    if (Math.abs(y) > largestHalf) large++;
    if (Number.isFinite(x) || !Number.isFinite(y)) continue;
    bad++;
    if (Math.abs(y) > largestHalf) beyond++;
  }
  if (bad === 0) return undefined;
  if (beyond === bad || (large > 0 && bad > 0)) return "overflows float16: the reference exceeds 65504 there";
  const rows = bad / ours.columns;
  return Number.isInteger(rows) && rows < ours.rows && ours.columns > 1
    ? `${rows} whole rows are not finite, such as a softmax of a row in which all is masked, or a division by 0`
    : undefined;
};

export const zero: Hypothesis = ({ ours, theirs }) =>
  ours.values.every((x) => x === 0) && theirs.values.some((y) => y !== 0) ? "is zero everywhere" : undefined;

export const factor: Hypothesis = (pair) => {
  const { ours, theirs } = pair;
  const gain = gainOf(pair);
  if (!explains(pair, (i) => gain * theirs.values[i]!)) return undefined;
  if (Math.abs(gain + 1) < 1e-4) return "equals the reference with the opposite sign";
  return `equals the reference times ${short(gain)}${meaningOf(gain, factors, ours.columns)}`;
};

export const offset: Hypothesis = (pair) => {
  const { ours, theirs } = pair;
  const by = mean(ours.values) - mean(theirs.values);
  if (!explains(pair, (i) => theirs.values[i]! + by)) return undefined;
  const found = offsets.find(([wanted]) => Math.abs(by - wanted) < 0.01)?.[1];
  return `equals the reference ${by < 0 ? "minus" : "plus"} ${short(Math.abs(by))}${found === undefined ? "" : ` (${found})`}`;
};

export const affine: Hypothesis = (pair) => {
  const { ours, theirs } = pair;
  if (ours.values.length < 8) return undefined;
  const [a, b] = [mean(ours.values), mean(theirs.values)];
  let covariance = 0;
  let variance = 0;
  for (const [i, y] of theirs.values.entries()) {
    covariance += (ours.values[i]! - a) * (y - b);
    variance += (y - b) ** 2;
  }
  const gain = covariance / variance;
  return explains(pair, (i) => a + gain * (theirs.values[i]! - b))
    ? `equals the reference times ${short(gain)} plus ${short(a - gain * b)}`
    : undefined;
};

/** Ours stops where the reference goes on. */
export const clamped: Hypothesis = (pair) => {
  const { ours, theirs } = pair;
  let [low, high] = [Infinity, -Infinity];
  for (const x of ours.values) [low, high] = [Math.min(low, x), Math.max(high, x)];
  const inside = (y: number): number => Math.min(high, Math.max(low, y));
  if (!explains(pair, (i) => inside(theirs.values[i]!))) return undefined;
  if ([low, high].some((bound) => Math.abs(bound) === largestHalf))
    return "equals the reference saturated at float16's largest number, 65504";
  return `equals the reference cut to ${short(low)} … ${short(high)}`;
};

const functions: readonly (readonly [words: string, apply: (x: number) => number])[] = [
  ["rectifier", (x) => Math.max(0, x)],
  ["logarithm", Math.log],
  ["sigmoid", (x) => 1 / (1 + Math.exp(-x))],
  ["SiLU", (x) => x / (1 + Math.exp(-x))],
  ["square", (x) => x * x],
  ["square root", Math.sqrt],
  ["tanh", Math.tanh],
  ["absolute value", Math.abs],
];

/** A function that one side has and the other lacks. */
export const missingFunction: Hypothesis = (pair) => {
  const { ours, theirs, close } = pair;
  for (const [words, apply] of functions) {
    if (explains({ ours: theirs, theirs: ours, close }, (i) => apply(ours.values[i]!)))
      return `its ${words} equals the reference: the ${words} is missing`;
    if (explains(pair, (i) => apply(theirs.values[i]!)))
      return `equals the ${words} of the reference: one too many`;
  }
  return undefined;
};

const buffer = new ArrayBuffer(4);
const [asFloat, asBits, asBytes] = [
  new Float32Array(buffer),
  new Uint32Array(buffer),
  new Uint8Array(buffer),
];

const roundings: readonly (readonly [words: string, round: (x: number) => number])[] = [
  [
    "float16",
    (x) => {
      writeHalf(asBytes, 0, x);
      return readHalf(asBytes, 0);
    },
  ],
  [
    "bfloat16",
    (x) => {
      asFloat[0] = x;
      asBits[0] = (asBits[0]! + 0x7fff + ((asBits[0]! >>> 16) & 1)) & 0xffff0000;
      return asFloat[0];
    },
  ],
  ["whole numbers", Math.round],
];

export const rounded: Hypothesis = ({ ours, theirs }) => {
  for (const [words, round] of roundings) {
    let same = 0;
    for (const [i, x] of ours.values.entries())
      if (Object.is(round(theirs.values[i]!), x) || round(theirs.values[i]!) === x) same++;
    if (same >= 0.99 * ours.values.length) return `equals the reference rounded to ${words}`;
  }
  return undefined;
};

function gainOf({ ours, theirs }: Pair): number {
  let product = 0;
  let square = 0;
  for (const [i, y] of theirs.values.entries()) {
    product += ours.values[i]! * y;
    square += y * y;
  }
  return product / square;
}

function mean(values: Float32Array): number {
  let sum = 0;
  for (const x of values) sum += x;
  return sum / values.length;
}
