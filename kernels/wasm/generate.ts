/**
 * Writes the AssemblyScript of the unrolled tiles: the innermost loops of all matrix products, where the accumulators
 * must be separate local variables for the compiler to keep them in registers.
 *
 * Every output is one accumulator that runs over the columns in order, in every tile shape: a product has the same
 * bytes whatever tile it falls in.
 */

const range = (length: number): number[] => Array.from({ length }, (_, i) => i);
const lines = (parts: readonly string[], indent = "    "): string =>
  parts.map((part) => indent + part).join("\n");

/** Weights as 8-bit blocks: which instructions multiply. */
type Q8Kind =
  /** i8x16 relaxed dot with accumulation: vpdpbusd, or sdot. Right only where the probe says so. */
  | "dot"
  /** Both sides widened to 16 bits: exact on every machine. */
  | "dot16";

/**
 * A tile of 8 · streams rows by `columns` columns. Several streams walk through row groups that lie far apart, because
 * a core reads memory faster that way; with many columns one stream is better, as accumulators are few.
 */
function q8Tile(kind: Q8Kind, columns: number, streams: number, name: string, together: number): string {
  const body = range(streams).map((s) =>
    kind === "dot" ? dotStream(columns, s) : dot16Stream(columns, s, together),
  );
  const each = (line: (s: number, c: number) => string): string[] =>
    range(streams).flatMap((s) => range(columns).map((c) => line(s, c)));
  const valueBytes = kind === "dot" ? 1 : 2;
  return `
function q8_${name}_${columns}x${streams}(
  quants: usize, scales: usize, stream: usize, blocks: i32, x: usize, xScales: usize, xStarts: usize,
  bias: usize, biasStep: usize, floor: f32, y: usize, yColumn: usize, yStream: usize,
): void {
${lines(
  range(streams).map(
    (s) => `let q${s} = quants + (stream << 8) * ${s}, s${s} = scales + (stream << 4) * ${s};`,
  ),
  "  ",
)}
${lines(
  range(streams).map(
    (s) =>
      `const bias${s} = bias + biasStep * ${s}; const lo${s} = v128.load(bias${s}), hi${s} = v128.load(bias${s}, 16);`,
  ),
  "  ",
)}
${lines(
  each((s, c) => `let a${s}_${c} = lo${s}, b${s}_${c} = hi${s};`),
  "  ",
)}
  for (let block = 0; block < blocks; block++) {
${body.join("\n")}
    x += ${32 * columns * valueBytes}; xScales += ${4 * columns}; xStarts += ${4 * columns};
  }
  const least = f32x4.splat(floor);
${lines(
  each(
    (s, c) =>
      `{ const p = y + yColumn * ${c} + yStream * ${s}; v128.store(p, f32x4.max(a${s}_${c}, least)); v128.store(p, f32x4.max(b${s}_${c}, least), 16); }`,
  ),
  "  ",
)}
}`;
}

function dotStream(columns: number, s: number): string {
  const all = range(columns);
  const steps = range(8).map((step) => {
    const products = all.map(
      (c) =>
        `{ const v = v128.load32_splat(x, ${4 * (columns * step + c)}); i${c} = i32x4.relaxed_dot_i8x16_i7x16_add_s(v, w0, i${c}); j${c} = i32x4.relaxed_dot_i8x16_i7x16_add_s(v, w1, j${c}); }`,
    );
    return `{ const w0 = v128.load(q${s}, ${32 * step}), w1 = v128.load(q${s}, ${32 * step + 16});\n${lines(products, "        ")} }`;
  });
  return stream(s, [
    ...all.map((c) => `let i${c} = v128.load32_splat(xStarts, ${4 * c}), j${c} = i${c};`),
    ...steps,
    ...scaled(columns, s),
  ]);
}

function dot16Stream(columns: number, s: number, together: number): string {
  // Per step and column the sums of rows 0–3 (i, in) and 4–7 (j, jn), lanes being (row, pair of columns). A loop that is
  // not unrolled, over few columns at a time: V8 would make the loads of all steps first, and spill.
  const pass = (few: readonly number[]): string[] => [
    ...few.map((c) => `let i${c} = i32x4.splat(0), in${c} = i${c}, j${c} = i${c}, jn${c} = i${c};`),
    `for (let p = q${s}, end = p + 256, v = x + ${8 * few[0]!}; p < end; p += 32, v += ${8 * columns}) {`,
    ...few.map((c, i) => `  const v${c} = v128.load64_splat(v, ${8 * i});`),
    ...["i", "j", "in", "jn"].map((name, i) => {
      const products = few.map((c) => `${name}${c} = i32x4.add(${name}${c}, i32x4.dot_i16x8_s(w, v${c}));`);
      return `  { const w = v128.load8x8_s(p, ${8 * i}); ${products.join(" ")} }`;
    }),
    "}",
    ...few.flatMap((c) =>
      ["i", "j"].map((name) => `${name}${c} = ${rowSums(`${name}${c}`, `${name}n${c}`)};`),
    ),
  ];
  const passes = Math.ceil(columns / together);
  const few = (i: number): number[] => range(columns).slice(i * together, (i + 1) * together);
  return stream(s, [...range(passes).flatMap((i) => pass(few(i))), ...scaled(columns, s)]);
}

/** Sums of neighbouring lanes of both. */
function rowSums(a: string, b: string): string {
  return `i32x4.add(v128.shuffle<i32>(${a}, ${b}, 0, 2, 4, 6), v128.shuffle<i32>(${a}, ${b}, 1, 3, 5, 7))`;
}

/** Integer sums times both scales, onto the float accumulators. */
function scaled(columns: number, s: number): string[] {
  const scale = (offset: string): string =>
    `f32x4.mul(v128.and(i32x4.shl(v128.load16x4_s(s${s}${offset}), 13), v128.load32_splat(HALF_MASK)), v128.load32_splat(HALF_SCALE))`;
  return [
    `const f0 = ${scale("")}, f1 = ${scale(", 8")};`,
    ...range(columns).map(
      (c) =>
        `{ const f = v128.load32_splat(xScales, ${4 * c}); a${s}_${c} = fma(f32x4.convert_i32x4_s(i${c}), f32x4.mul(f0, f), a${s}_${c}); b${s}_${c} = fma(f32x4.convert_i32x4_s(j${c}), f32x4.mul(f1, f), b${s}_${c}); }`,
    ),
  ];
}

function stream(s: number, statements: readonly string[]): string {
  return `    {\n${lines([...statements, `q${s} += 256; s${s} += 16;`], "      ")}\n    }`;
}

/** How the weights of a float panel lie. */
type FloatKind = "f32" | "f16" | "bf16";

/** A tile of `rows` rows of x by 16 outputs: y = bias + x · panel, and `floor` at least. Any depth. */
function floatTile(kind: FloatKind, rows: number): string {
  const all = range(rows);
  const lanes = range(4);
  const unroll = 4;
  const weight = (step: number, lane: number): string => {
    if (kind === "f32") return `v128.load(b${step}, ${16 * lane})`;
    const bits =
      kind === "f16" ? `v128.load16x4_s(b${step}, ${8 * lane})` : `v128.load16x4_u(b${step}, ${8 * lane})`;
    if (kind === "bf16") return `i32x4.shl(${bits}, 16)`;
    return `v128.and(i32x4.shl(${bits}, 13), v128.load32_splat(HALF_MASK))`;
  };
  const step = (u: number): string => {
    const products = all.map(
      (r) =>
        `{ const v = v128.load32_splat(x${r}, ${4 * u}); ${lanes.map((l) => `c${r}_${l} = fma(v, w${l}, c${r}_${l});`).join(" ")} }`,
    );
    return `{ ${lanes.map((l) => `const w${l} = ${weight(u, l)};`).join(" ")}\n${lines(products, "      ")} }`;
  };
  const advance = (count: number): string => all.map((r) => `x${r} += ${4 * count};`).join(" ");
  return `
function float_${kind}_${rows}(
  x: usize, xRow: usize, panel: usize, panelRow: usize, depth: i32, bias: usize, floor: f32, y: usize, yRow: usize,
): void {
  let b0 = panel;
${lines(
  all.map((r) => `let x${r} = x + xRow * ${r};`),
  "  ",
)}
${lines(
  lanes.map((l) => `const start${l} = v128.load(bias, ${16 * l});`),
  "  ",
)}
${lines(
  all.map((r) => lanes.map((l) => `let c${r}_${l} = start${l};`).join(" ")),
  "  ",
)}
  let left = depth;
  for (; left >= ${unroll}; left -= ${unroll}) {
    const b1 = b0 + panelRow, b2 = b1 + panelRow, b3 = b2 + panelRow;
${lines(range(unroll).map(step))}
    b0 = b3 + panelRow; ${advance(unroll)}
  }
  for (; left > 0; left--) {
${lines([step(0)])}
    b0 += panelRow; ${advance(1)}
  }
  const least = f32x4.splat(floor);
${lines(
  all.map(
    (r) =>
      `{ const p = y + yRow * ${r}; ${lanes.map((l) => `v128.store(p, f32x4.max(c${r}_${l}, least), ${16 * l});`).join(" ")} }`,
  ),
  "  ",
)}
}`;
}

export interface TileOptions {
  /** Is there relaxed SIMD? */
  readonly relaxed: boolean;
  /** Will 128-bit operations be paired? Twice as many columns then fit in the registers. */
  readonly paired: boolean;
}

/** The whole generated file: all tiles, and for each kind a function that picks the tile by shape. */
export function tiles({ relaxed, paired }: TileOptions): string {
  const header = `// Generated by generate.ts.
import { fma } from "./simd";
import { HALF_MASK, HALF_SCALE } from "./layout";
`;
  const q8Shapes = [
    [1, 1],
    [1, 4],
    [2, 1],
    [2, 4],
    [4, 1],
    [4, 4],
    [8, 1],
    [8, 4],
  ] as const;
  // Without relaxed SIMD there is no `dot` instruction, and the probe never asks for it.
  const q8 = (["dot", "dot16"] as const).flatMap((kind) => [
    ...q8Shapes.map(([columns, streams]) =>
      q8Tile(relaxed ? kind : "dot16", columns, streams, kind, paired ? 4 : 2),
    ),
    `
export function q8_${kind}(
  columns: i32, streams: i32,
  quants: usize, scales: usize, stream: usize, blocks: i32, x: usize, xScales: usize, xStarts: usize,
  bias: usize, biasStep: usize, floor: f32, y: usize, yColumn: usize, yStream: usize,
): void {
${lines(
  q8Shapes.map(
    ([columns, streams]) =>
      `if (columns == ${columns} && streams == ${streams}) return q8_${kind}_${columns}x${streams}(quants, scales, stream, blocks, x, xScales, xStarts, bias, biasStep, floor, y, yColumn, yStream);`,
  ),
  "  ",
)}
}`,
  ]);
  const float = (["f32", "f16", "bf16"] as const).flatMap((kind) => [
    ...range(5).map((i) => floatTile(kind, i + 1)),
    `
/** \`rows\` is 1 to 5. */
export function float_${kind}(
  rows: i32,
  x: usize, xRow: usize, panel: usize, panelRow: usize, depth: i32, bias: usize, floor: f32, y: usize, yRow: usize,
): void {
${lines(
  range(5).map(
    (i) =>
      `if (rows == ${i + 1}) return float_${kind}_${i + 1}(x, xRow, panel, panelRow, depth, bias, floor, y, yRow);`,
  ),
  "  ",
)}
}`,
  ]);
  return `${header}${[...q8, ...float].join("\n")}\n`;
}
