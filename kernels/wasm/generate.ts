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

/**
 * Four columns by 4 · `lanes` rows of a panel that linear-wide.ts has widened, added to what is at `y`. Partial sums lie in
 * memory, for the integer sums of a block need the registers.
 */
function wideTile(lanes: number): string {
  const all = range(4);
  const across = range(lanes);
  const sums = all.flatMap((c) => across.map((l) => `let i${c}_${l} = i32x4.splat(0);`));
  const products = all.map(
    (c) =>
      `{ const v = v128.load32_splat(x, ${4 * c}); ${across.map((l) => `i${c}_${l} = i32x4.add(i${c}_${l}, i32x4.dot_i16x8_s(w${l}, v));`).join(" ")} }`,
  );
  const scaled = all.map((c) => {
    const sum = (l: number): string =>
      `const s${l} = fma(f32x4.convert_i32x4_s(i${c}_${l}), f32x4.mul(f${l}, f), v128.load(y${c}, ${16 * l}));`;
    // All loads before all stores: otherwise V8 cannot pair them.
    return `{ const f = v128.load32_splat(xScales, ${4 * c}); ${across.map(sum).join(" ")} ${across.map((l) => `v128.store(y${c}, s${l}, ${16 * l});`).join(" ")} }`;
  });
  return `
function q8_wide_${lanes}(x: usize, panel: usize, scales: usize, blocks: i32, xScales: usize, y: usize, yRow: usize): void {
  ${all.map((c) => `const y${c} = y + yRow * ${c};`).join(" ")}
  for (; blocks > 0; blocks--) {
${lines(sums)}
    for (const end = panel + 1024; panel < end; panel += 64) {
      ${across.map((l) => `const w${l} = v128.load(panel, ${16 * l});`).join(" ")}
${lines(products, "      ")}
      x += 16;
    }
    ${across.map((l) => `const f${l} = v128.load(scales, ${16 * l});`).join(" ")}
${lines(scaled)}
    scales += 64; xScales += 16;
  }
}
/** Four columns by 16 rows. */
export function q8_wide(x: usize, panel: usize, scales: usize, blocks: i32, xScales: usize, y: usize, yRow: usize): void {
${lines(
  range(4 / lanes).map(
    (half) =>
      `q8_wide_${lanes}(x, panel + ${32 * half}, scales + ${32 * half}, blocks, xScales, y + ${32 * half}, yRow);`,
  ),
  "  ",
)}
}`;
}

/** How the weights of a float panel lie. */
type FloatKind = "f32" | "f16" | "bf16";

/**
 * A tile of `rows` rows of x by 4 · `lanes` outputs: y = start + x · panel. Any depth. `unroll` steps of the loop at a
 * time: V8 makes the loads of all of them first, so with many accumulators there is one. Accumulators are stored as they
 * are: anything else at the end, and V8 schedules the loop in another order, and spills.
 */
function floatTile(kind: FloatKind, rows: number, lanes: number, unroll: number): string {
  const all = range(rows);
  const across = range(lanes);
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
        `{ const v = v128.load32_splat(x${r}, ${4 * u}); ${across.map((l) => `c${r}_${l} = fma(v, w${l}, c${r}_${l});`).join(" ")} }`,
    );
    return `{ ${across.map((l) => `const w${l} = ${weight(u, l)};`).join(" ")}\n${lines(products, "      ")} }`;
  };
  const loop = (steps: number): string => `
  for (; left >= ${steps}; left -= ${steps}) {
    ${range(steps)
      .slice(1)
      .map((u) => `const b${u} = b${u - 1} + panelRow;`)
      .join(" ")}
${lines(range(steps).map(step))}
    b0 = b${steps - 1} + panelRow; ${all.map((r) => `x${r} += ${4 * steps};`).join(" ")}
  }`;
  return `
function float_${kind}_${rows}x${lanes}(
  x: usize, xRow: usize, panel: usize, panelRow: usize, depth: i32, start: usize, startRow: usize, y: usize, yRow: usize,
): void {
  let b0 = panel;
${lines(
  all.map((r) => `let x${r} = x + xRow * ${r};`),
  "  ",
)}
${lines(
  all.map(
    (r) =>
      `const s${r} = start + startRow * ${r}; ${across.map((l) => `let c${r}_${l} = v128.load(s${r}, ${16 * l});`).join(" ")}`,
  ),
  "  ",
)}
  let left = depth;${unroll > 1 ? loop(unroll) : ""}${loop(1)}
${lines(
  all.map(
    (r) =>
      `{ const p = y + yRow * ${r}; ${across.map((l) => `v128.store(p, c${r}_${l}, ${16 * l});`).join(" ")} }`,
  ),
  "  ",
)}
}`;
}

/** Rows of the largest float tile: with 16 outputs (8 where vectors are not paired) it fills the registers. */
const floatRows = 6;

/** The tiles of one kind, and the product that picks them. */
function floatProduct(kind: FloatKind, paired: boolean): string {
  const few = (rows: number): boolean => rows <= 2; // latency counts, registers do not
  const width = (rows: number): number => (paired || few(rows) ? 4 : 2);
  const shapes = range(floatRows).map((i) => i + 1);
  const halfPanel = kind === "f32" ? 32 : 16;
  return `${shapes.map((rows) => floatTile(kind, rows, width(rows), few(rows) ? 4 : 1)).join("\n")}
/** Any number of rows of x by 16 outputs: y = start + x · panel, and \`floor\` at least. */
export function float_${kind}(
  rows: i32,
  x: usize, xRow: usize, panel: usize, panelRow: usize, depth: i32, start: usize, startRow: usize, floor: f32, y: usize, yRow: usize,
): void {
  for (; rows > 0; rows -= ${floatRows}, x += xRow * ${floatRows}, start += startRow * ${floatRows}, y += yRow * ${floatRows}) {
${lines(
  shapes.toReversed().map((rows, i) => {
    const call = (half: number): string =>
      `float_${kind}_${rows}x${width(rows)}(x, xRow, panel + ${half * halfPanel}, panelRow, depth, start + ${half * 32}, startRow, y + ${half * 32}, yRow);`;
    const calls = range(4 / width(rows))
      .map(call)
      .join(" ");
    return `${i === 0 ? "" : "else "}if (rows ${i === 0 ? ">=" : "=="} ${rows}) { ${calls} }`;
  }),
)}
    if (floor != -Infinity) atLeast(min(rows, ${floatRows}), y, yRow, floor);
  }
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

/** Raises rows of 16 values to \`floor\`. */
export function atLeast(rows: i32, y: usize, yRow: usize, floor: f32): void {
  const least = f32x4.splat(floor);
  for (; rows > 0; rows--, y += yRow) {
    for (let i = 0; i < 64; i += 16) v128.store(y + i, f32x4.max(v128.load(y + i), least));
  }
}
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
  const float = (["f32", "f16", "bf16"] as const).map((kind) => floatProduct(kind, paired));
  return `${header}${[...q8, wideTile(paired ? 4 : 2), ...float].join("\n")}\n`;
}
