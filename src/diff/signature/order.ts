/** Hypotheses about the order of values: shifts, permutations, transposition, rotations. */
import { blockSizes, distance, explains } from "./matrix.ts";
import type { Hypothesis, Matrix, Pair } from "./matrix.ts";

const mostFrames = 8;
/** Rows that must be left to compare when others are shifted out. */
const leastRows = 3;

/** Ours [t] is the reference's [t − by], with other rows at the edge; for frames more or fewer, too. */
export const shiftedRows: Hypothesis = ({ ours, theirs, close }) => {
  const { columns } = ours;
  if (columns !== theirs.columns) return undefined;
  for (let size = ours.rows === theirs.rows ? 1 : 0; size <= mostFrames; size++) {
    for (const by of size === 0 ? [0] : [size, -size]) {
      const from = Math.max(0, by);
      const to = Math.min(ours.rows, theirs.rows + by);
      if (to - from < leastRows) continue;
      const at = (i: number): number => theirs.values[i - by * columns]!;
      const error = distance(ours.values, at, from * columns, to * columns);
      if (error <= close && hasSize(ours, from * columns, to * columns)) return shiftText(by, ours, theirs);
    }
  }
  return undefined;
};

function shiftText(by: number, ours: Matrix, theirs: Matrix): string {
  const rows = (n: number): string => `${Math.abs(n)} ${Math.abs(n) === 1 ? "frame" : "frames"}`;
  const shift = by === 0 ? "" : `equals the reference shifted by ${rows(by)} ${by > 0 ? "later" : "earlier"}`;
  const count = ours.rows - theirs.rows;
  if (count === 0) return shift;
  const length = `${rows(count)} ${count > 0 ? "more" : "fewer"} than the reference`;
  return shift === "" ? `has ${length}, at its end` : `${shift}, with ${length}`;
}

/** Rows all of zeros are equal however they are shifted. */
function hasSize({ values }: Matrix, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if (values[i] !== 0) return true;
  return false;
}

type Place = (row: number, column: number, matrix: Matrix) => readonly [row: number, column: number];

const orders: readonly (readonly [words: string, from: Place])[] = [
  ["with its frames in reverse", (row, column, { rows }) => [rows - 1 - row, column]],
  ["with its columns in reverse", (row, column, { columns }) => [row, columns - 1 - column]],
  ["with its halves exchanged", (row, column, { columns }) => [row, (column + columns / 2) % columns]],
  [
    "with its first and second half of frames exchanged",
    (row, column, { rows }) => [(row + rows / 2) % rows, column],
  ],
];

export const reordered: Hypothesis = (pair) => {
  const { ours, theirs } = pair;
  const { rows, columns } = ours;
  for (const [words, from] of orders) {
    const halves = from(0, 0, ours);
    if (!halves.every(Number.isInteger)) continue;
    const matches = explains(pair, (i) => {
      const [row, column] = from(Math.floor(i / columns), i % columns, ours);
      return theirs.values[row * columns + column]!;
    });
    if (matches) return `equals the reference ${words}`;
  }
  if (
    rows > 1 &&
    columns > 1 &&
    explains(pair, (i) => theirs.values[(i % rows) * columns + Math.floor(i / rows)]!)
  )
    return "equals the reference transposed";
  return undefined;
};

/** Ours [t, j] is the reference's [t, j − by], with others at the edge: a label, a frame of stacked features, a block. */
export const shiftedColumns: Hypothesis = ({ ours, theirs, close }) => {
  const { rows, columns } = ours;
  for (const by of [1, 2, 80, ...blockSizes(columns)].flatMap((size) => [size, -size])) {
    const width = columns - Math.abs(by);
    if (width < columns / 2 || width < leastRows || rows * width < 8) continue;
    const place = (matrix: Matrix, i: number, left: number): number =>
      matrix.values[Math.floor(i / width) * columns + left + (i % width)]!;
    const mine = Float32Array.from({ length: rows * width }, (_, i) => place(ours, i, Math.max(0, by)));
    const error = distance(mine, (i) => place(theirs, i, Math.max(0, -by)));
    if (error > close || mine.every((x) => x === 0)) continue;
    const size = Math.abs(by) === 1 ? "1 column" : `${Math.abs(by)} columns`;
    return `equals the reference shifted by ${size} to the ${by > 0 ? "right" : "left"}`;
  }
  return undefined;
};

/** Rows in blocks of equal size [T, heads, d]: heads before frames, heads in another order, pairs apart or together. */
export const reorderedBlocks: Hypothesis = (pair) => {
  const { ours, theirs } = pair;
  const { rows, columns } = ours;
  for (const size of blockSizes(columns)) {
    const count = columns / size;
    const headsFirst = (i: number): number => {
      const [frame, block, column] = [Math.floor(i / size) % rows, Math.floor(i / size / rows), i % size];
      return theirs.values[frame * columns + block * size + column]!;
    };
    if (rows > 1 && explains(pair, headsFirst))
      return `equals the reference as [${count} heads, frames, ${size}]`;
    const order = blockOrder(pair, size);
    if (order !== undefined)
      return `equals the reference with its heads of ${size} columns in the order ${order.join(" ")}`;
  }
  for (const size of [columns, ...blockSizes(columns)]) {
    if (size < 4 || size % 2 > 0) continue;
    const half = size / 2;
    const apart = (j: number): number => (j < half ? 2 * j : 2 * (j - half) + 1);
    const together = (j: number): number => (j % 2 === 0 ? j / 2 : half + (j - 1) / 2);
    for (const [words, from] of [
      ["even columns before odd ones", apart],
      ["columns of the halves alternating", together],
    ] as const) {
      const at = (i: number): number => theirs.values[i - (i % size) + from(i % size)]!;
      if (explains(pair, at)) return `equals the reference with ${words}, in blocks of ${size}`;
    }
  }
  return undefined;
};

/** Which block of the reference each of ours is, where that is a permutation. */
function blockOrder({ ours, theirs, close }: Pair, size: number): number[] | undefined {
  const { rows, columns } = ours;
  const same = (mine: number, other: number): boolean => {
    let [difference, square] = [0, 0];
    for (let row = 0; row < rows; row++) {
      for (let j = 0; j < size; j++) {
        const x = ours.values[row * columns + mine * size + j]!;
        difference += (x - theirs.values[row * columns + other * size + j]!) ** 2;
        square += x * x;
      }
    }
    return square > 0 && Math.sqrt(difference / square) <= 3 * close;
  };
  const blocks = Array.from({ length: columns / size }, (_, i) => i);
  const order = blocks.map((mine) => blocks.find((other) => same(mine, other)) ?? -1);
  return new Set(order).size === order.length && !order.includes(-1) ? order : undefined;
}

/** Columns, or rows, in an order without a rule: each of ours is one of the reference's. */
export const permuted: Hypothesis = ({ ours, theirs, close }) => {
  const { rows, columns } = ours;
  const columnOf = ({ values }: Matrix, j: number): number[] =>
    Array.from({ length: rows }, (_, t) => values[t * columns + j]!);
  const rowOf = ({ values }: Matrix, t: number): number[] => [
    ...values.subarray(t * columns, (t + 1) * columns),
  ];
  for (const [words, of, count, size] of [
    ["columns", columnOf, columns, rows],
    ["frames", rowOf, rows, columns],
  ] as const) {
    if (count < 3 || count > 1024 || size < 3) continue;
    const left = Array.from({ length: count }, (_, j) => of(theirs, j));
    const found = Array.from({ length: count }, (_, j) => {
      const mine = of(ours, j);
      const place = left.findIndex((other) => distance(mine, (i) => other[i]!) <= 3 * close);
      if (place >= 0) left.splice(place, 1);
      return place >= 0;
    });
    if (found.every(Boolean)) return `equals the reference with its ${words} in another order`;
  }
  return undefined;
};

/** Pairs of columns keep their length and not their direction: rotary positions. */
export const rotated: Hypothesis = (pair) => {
  const { ours, theirs, close } = pair;
  const { columns } = ours;
  const length = ({ values }: Matrix, i: number, step: number): number =>
    Math.hypot(values[i]!, values[i + step]!);
  for (const size of [columns, ...blockSizes(columns)]) {
    if (size < 4 || size % 2 > 0) continue;
    for (const [words, step] of [
      ["columns half a head apart", size / 2],
      ["neighboring columns", 1],
    ] as const) {
      const starts = Array.from({ length: ours.values.length }, (_, i) => i).filter((i) =>
        step === 1 ? i % 2 === 0 : i % size < size / 2,
      );
      const [a, b] = [ours, theirs].map((m) => starts.map((i) => length(m, i, step))) as [number[], number[]];
      if (distance(a, (i) => b[i]!) <= close)
        return `${words} are those of the reference rotated by other angles: base or positions of the rotary encoding`;
    }
  }
  return undefined;
};
