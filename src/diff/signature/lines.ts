/** Hypotheses about whole rows and columns: a factor or an offset for each, a softmax. */
import { explains, short } from "./matrix.ts";
import type { Hypothesis, Matrix } from "./matrix.ts";

/** Lines must be longer than what is fitted to them. */
const least = 4;

/** Least squares of one line: ours ≈ factor · theirs + offset. */
interface Fit {
  readonly factor: number;
  readonly offset: number;
}

type Line = "row" | "column";

const countOf = ({ rows, columns }: Matrix, line: Line): number => (line === "row" ? rows : columns);

function fitLines(ours: Matrix, theirs: Matrix, line: Line, kind: "factor" | "offset" | "both"): Fit[] {
  const { columns } = ours;
  const size = line === "row" ? columns : ours.rows;
  return Array.from({ length: countOf(ours, line) }, (_, at) => {
    const place = (k: number): number => (line === "row" ? at * columns + k : k * columns + at);
    let [sumA, sumB, ab, bb] = [0, 0, 0, 0];
    for (let k = 0; k < size; k++) {
      const [a, b] = [ours.values[place(k)]!, theirs.values[place(k)]!];
      sumA += a;
      sumB += b;
      ab += a * b;
      bb += b * b;
    }
    if (kind === "factor") return { factor: bb === 0 ? 0 : ab / bb, offset: 0 };
    if (kind === "offset") return { factor: 1, offset: (sumA - sumB) / size };
    const variance = bb - (sumB * sumB) / size;
    const factor = variance <= 1e-12 * bb ? 0 : (ab - (sumA * sumB) / size) / variance;
    return { factor, offset: (sumA - factor * sumB) / size };
  });
}

function lineHypothesis(
  line: Line,
  kind: "factor" | "offset" | "both",
  words: (fits: readonly Fit[]) => string,
): Hypothesis {
  return (pair) => {
    const { ours, theirs } = pair;
    const size = line === "row" ? ours.columns : ours.rows;
    if (size < (kind === "both" ? 2 * least : least) || countOf(ours, line) < 2) return undefined;
    const fits = fitLines(ours, theirs, line, kind);
    const { columns } = ours;
    const fitOf = (i: number): Fit => fits[line === "row" ? Math.floor(i / columns) : i % columns]!;
    return explains(pair, (i) => fitOf(i).factor * theirs.values[i]! + fitOf(i).offset)
      ? words(fits)
      : undefined;
  };
}

function range(fits: readonly Fit[], of: (fit: Fit) => number): string {
  const values = fits.map(of);
  const digits = (x: number): string =>
    Math.abs(x - 1) < 0.01 ? String(Number(x.toPrecision(7))) : short(x);
  return `${digits(Math.min(...values))} … ${digits(Math.max(...values))}`;
}

export const columnOffsets = lineHypothesis(
  "column",
  "offset",
  () => "differs by the same vector in each frame: a bias is missing, added twice, or another one",
);
export const columnFactors = lineHypothesis(
  "column",
  "factor",
  (fits) =>
    `each column is the reference's times a factor of its own, ${range(fits, ({ factor }) => factor)}: scales, or the weight of a norm`,
);
export const columnFits = lineHypothesis("column", "both", (fits) => {
  const factors = fits.map(({ factor }) => factor);
  const [low, high] = [Math.min(...factors), Math.max(...factors)];
  return high - low < 1e-3 * Math.abs(high)
    ? `equals the reference times ${short(fits[0]!.factor)}, plus the same vector in each frame: its input has that factor`
    : "each column is the reference's times a factor plus an offset of its own: normalization with other constants, or none";
});
export const rowFactors = lineHypothesis(
  "row",
  "factor",
  (fits) =>
    `each frame is the reference's times a factor of its own, ${range(fits, ({ factor }) => factor)}: a norm with another eps or without its division`,
);
export const rowOffsets = lineHypothesis(
  "row",
  "offset",
  () =>
    "each frame is the reference's plus a number of its own: a mean, or a softmax's sum, that is not subtracted",
);
export const rowFits = lineHypothesis(
  "row",
  "both",
  () => "each frame is the reference's times a factor plus a number of its own: another mean and variance",
);

/** A softmax over the rows that one side lacks. */
export const missingSoftmax: Hypothesis = (pair) => {
  const { ours, theirs, close } = pair;
  if (ours.columns < 2) return undefined;
  const [mine, other] = [softmax(ours), softmax(theirs)];
  if (explains({ ours: theirs, theirs: ours, close }, (i) => mine[i]!))
    return "its softmax equals the reference: the softmax is missing";
  return explains(pair, (i) => other[i]!) ? "equals the softmax of the reference: one too many" : undefined;
};

function softmax({ rows, columns, values }: Matrix): Float32Array {
  const result = new Float32Array(values.length);
  for (let row = 0; row < rows; row++) {
    const line = values.subarray(row * columns, (row + 1) * columns);
    const largest = line.reduce((a, b) => Math.max(a, b), -Infinity);
    const sum = line.reduce((total, x) => total + Math.exp(x - largest), 0);
    for (const [i, x] of line.entries()) result[row * columns + i] = Math.exp(x - largest) / sum;
  }
  return result;
}
