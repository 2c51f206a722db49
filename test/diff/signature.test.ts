/** The guess at the cause of a difference, from what was done to a matrix of random numbers. */
import { expect, it } from "vitest";
import { guess } from "../../src/diff/signature/index.ts";
import { normals } from "../helpers/builders/random.ts";

const [rows, columns] = [20, 24];
const base = normals(7, rows * columns);
const other = normals(8, rows * columns);
const edge = normals(9, rows * columns);
const at = (row: number, column: number, values = base): number => values[row * columns + column]!;
const stage = (values: Float32Array, height = rows) => ({ shape: [height, columns], values });

type Value = (row: number, column: number) => number;
const made = (value: Value, height = rows): Float32Array =>
  Float32Array.from({ length: height * columns }, (_, i) => value(Math.floor(i / columns), i % columns));

/** Later, or to the right; with others at the edge. */
const shifted =
  (by: number, aside: number): Value =>
  (row, column) => {
    const [y, x] = [row - by, column - aside];
    const inside = y >= 0 && y < rows && x >= 0 && x < columns;
    return inside ? at(y, x) : at(row, column, edge);
  };
const only =
  (from: number, to: number, change: (x: number) => number): Value =>
  (row, column) =>
    row >= from && row < to ? change(at(row, column)) : at(row, column);
const onlyColumns =
  (from: number, to: number): Value =>
  (row, column) =>
    column >= from && column < to ? 2 * at(row, column) : at(row, column);

const cases: readonly (readonly [Value, string | undefined])[] = [
  [(row, column) => at(row, column, edge), undefined],
  // order
  [shifted(1, 0), "equals the reference shifted by 1 frame later"],
  [shifted(-1, 0), "equals the reference shifted by 1 frame earlier"],
  [shifted(8, 0), "equals the reference shifted by 8 frames later"],
  [shifted(9, 0), undefined],
  [shifted(0, 1), "equals the reference shifted by 1 column to the right"],
  [shifted(0, -2), "equals the reference shifted by 2 columns to the left"],
  [(row, column) => at(rows - 1 - row, column), "equals the reference with its frames in reverse"],
  [(row, column) => at(row, columns - 1 - column), "equals the reference with its columns in reverse"],
  [(row, column) => at(row, (column + 12) % columns), "equals the reference with its halves exchanged"],
  [
    (row, column) => at((row + 10) % rows, column),
    "equals the reference with its first and second half of frames exchanged",
  ],
  [
    (row, column) => {
      const i = row * columns + column;
      return at(i % rows, Math.floor(i / rows));
    },
    "equals the reference transposed",
  ],
  [
    (row, column) => {
      const i = row * columns + column; // [2 heads, frames, 12] as frames
      return at(Math.floor(i / 12) % rows, Math.floor(i / 12 / rows) * 12 + (i % 12));
    },
    "equals the reference as [2 heads, frames, 12]",
  ],
  [
    (row, column) => at(row, [8, 0, 16][Math.floor(column / 8)]! + (column % 8)),
    "equals the reference with its heads of 8 columns in the order 1 0 2",
  ],
  [
    (row, column) => at(row, column < 12 ? 2 * column : 2 * (column - 12) + 1),
    "equals the reference with even columns before odd ones, in blocks of 24",
  ],
  [
    (row, column) => at(row, column % 2 === 0 ? column / 2 : 12 + (column - 1) / 2),
    "equals the reference with columns of the halves alternating, in blocks of 24",
  ],
  [
    (row, column) => at(row, (5 * column + 1) % columns),
    "equals the reference with its columns in another order",
  ],
  [
    (row, column) => at((7 * row + 1) % rows, column),
    "equals the reference with its frames in another order",
  ],
  [
    (row, column) => {
      const [c, s] = [Math.cos(1 + row), Math.sin(1 + row)];
      const pair = at(row, (column + 12) % columns);
      return column < 12 ? c * at(row, column) - s * pair : c * at(row, column) + s * pair;
    },
    "columns half a head apart are those of the reference rotated by other angles: base or positions of the rotary encoding",
  ],
  [
    (row, column) => {
      const [c, s] = [Math.cos(1 + row), Math.sin(1 + row)];
      const even = column % 2 === 0;
      return c * at(row, column) + (even ? -s : s) * at(row, column + (even ? 1 : -1));
    },
    "neighboring columns are those of the reference rotated by other angles: base or positions of the rotary encoding",
  ],
  // values
  [() => 0, "is zero everywhere"],
  [(row, column) => -at(row, column), "equals the reference with the opposite sign"],
  [(row, column) => at(row, column) * Math.SQRT2, "equals the reference times 1.414 (√2)"],
  [(row, column) => at(row, column) * 1.3, "equals the reference times 1.3"],
  [(row, column) => at(row, column) * Math.sqrt(columns), "equals the reference times 4.899 (√24)"],
  [(row, column) => at(row, column) / Math.sqrt(512), "equals the reference times 0.04419 (1/√512)"],
  [(row, column) => at(row, column) / 80, "equals the reference times 0.0125 (1/80)"],
  [(row, column) => at(row, column) + 3, "equals the reference plus 3"],
  [
    (row, column) => at(row, column) - 2 * Math.log(32_768),
    "equals the reference minus 20.79 (2 ln 32768: samples divided by 32768)",
  ],
  [(row, column) => 1.3 * at(row, column) + 3, "equals the reference times 1.3 plus 3"],
  [(row, column) => Math.min(1, Math.max(-0.5, at(row, column))), "equals the reference cut to -0.5 … 1"],
  [(row, column) => Math.max(0, at(row, column)), "equals the rectifier of the reference: one too many"],
  [(row, column) => Math.tanh(at(row, column)), "equals the tanh of the reference: one too many"],
  [(row, column) => Math.round(at(row, column)), "equals the reference rounded to whole numbers"],
  [
    (row, column) => (row === 3 || row === 5 ? Number.NaN : at(row, column)),
    "2 whole rows are not finite, such as a softmax of a row in which all is masked, or a division by 0",
  ],
  // lines
  [
    (row, column) => at(row, column) + at(0, column, other),
    "differs by the same vector in each frame: a bias is missing, added twice, or another one",
  ],
  [
    (row, column) => at(row, column) + at(row, 0, other),
    "each frame is the reference's plus a number of its own: a mean, or a softmax's sum, that is not subtracted",
  ],
  [
    (row, column) => at(row, column) * (2 + column),
    "each column is the reference's times a factor of its own, 2 … 25: scales, or the weight of a norm",
  ],
  [
    (row, column) => at(row, column) * (2 + row),
    "each frame is the reference's times a factor of its own, 2 … 21: a norm with another eps or without its division",
  ],
  [
    (row, column) => 3 * at(row, column) + at(0, column, other),
    "equals the reference times 3, plus the same vector in each frame: its input has that factor",
  ],
  // parts
  [
    only(0, 1, (x) => 2 * x),
    "differs in the first frame only, where it equals the reference times 2 (added or counted twice)",
  ],
  [
    only(0, 3, (x) => x / 2),
    "differs in the first 3 frames only, where it equals the reference times 0.5 (halved)",
  ],
  [
    only(rows - 1, rows, (x) => x * 1.3),
    "differs in the last frame only, where it equals the reference times 1.3",
  ],
  [
    only(rows - 2, rows, (x) => x * 1.3),
    "differs in the last 2 frames only, where it equals the reference times 1.3",
  ],
  [only(4, 5, (x) => x * 1.3), "differs in frame 4 only, where it equals the reference times 1.3"],
  [only(4, 7, (x) => x * 1.3), "differs in frames 4 to 6 only, where it equals the reference times 1.3"],
  [
    onlyColumns(2, 3),
    "differs in column 2 only, where it equals the reference times 2 (added or counted twice)",
  ],
  [
    onlyColumns(20, 24),
    "differs in the last 4 columns only, where it equals the reference times 2 (added or counted twice)",
  ],
];

it.each(cases.map(([value, text], i) => ({ i, value, text })))("case $i: $text", ({ value, text }) => {
  expect(guess(stage(made(value)), stage(base), 1e-5)).toBe(text);
});

it("knows frames that are missing or too many", () => {
  const cut = (from: number, to: number) => stage(base.slice(from * columns, to * columns), to - from);
  const [whole, long] = [
    stage(base),
    stage(Float32Array.of(...base, ...edge.subarray(0, 2 * columns)), rows + 2),
  ];
  expect(guess(cut(0, rows - 1), whole, 1e-5)).toBe("has 1 frame fewer than the reference, at its end");
  expect(guess(long, whole, 1e-5)).toBe("has 2 frames more than the reference, at its end");
  expect(guess(cut(1, rows), whole, 1e-5)).toBe(
    "equals the reference shifted by 1 frame earlier, with 1 frame fewer than the reference",
  );
  expect(guess({ shape: [columns, rows], values: base }, whole, 1e-5)).toBeUndefined();
});

it("knows other stages", () => {
  const others = [["encoder.input", stage(other)]] as const;
  const guessed = (value: Value) => guess(stage(made(value)), stage(base), 1e-5, others);
  expect(guessed((row, column) => at(row, column, other))).toBe("equals encoder.input");
  const plus =
    (by: number): Value =>
    (row, column) =>
      at(row, column) + by * at(row, column, other);
  expect(guessed(plus(-1))).toBe("equals the reference without encoder.input, which is to be added");
  expect(guessed(plus(1))).toBe("equals the reference with encoder.input added once too often");
  expect(guessed(plus(0.3))).toBe("equals the reference plus 0.3 times encoder.input");
  expect(guessed(plus(-0.5))).toBe("equals the reference plus -0.5 times encoder.input");
});
