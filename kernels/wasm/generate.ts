/**
 * Writes the AssemblyScript of the unrolled tiles: the innermost loops of all matrix products, where the accumulators
 * must be separate local variables for the compiler to keep them in registers.
 *
 * Every output is one accumulator that runs over the columns in order, in every tile shape: a product has the same
 * bytes whatever tile it falls in.
 */

import { floatProduct, streamsProduct } from "./generate-float.ts";
import { lines, range, stores } from "./generate-lines.ts";

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
function q8Tile(kind: Q8Kind, columns: number, streams: number, together: number): string {
  const body = range(streams).map((s) =>
    kind === "dot" ? dotStream(columns, s) : dot16Stream(columns, s, together),
  );
  const each = (line: (s: number, c: number) => string): string[] =>
    range(streams).flatMap((s) => range(columns).map((c) => line(s, c)));
  const valueBytes = kind === "dot" ? 1 : 2;
  return `
function q8_${kind}_${columns}x${streams}(
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
        `{ const v = v128.load32_splat(x, ${4 * (columns * step + c)}); i${c} = dot(v, w0, i${c}); j${c} = dot(v, w1, j${c}); }`,
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
 * Four columns by 4 · `lanes` rows of a panel of linear-many.ts, added to what is at `y`. Partial sums lie in memory, for
 * the integer sums of a block need the registers.
 */
function foursTile(kind: Q8Kind, lanes: number): string {
  const across = range(lanes);
  const each = (line: (c: number) => string): string[] => range(4).map(line);
  const start =
    kind === "dot" ? (c: number) => `v128.load32_splat(xStarts, ${4 * c})` : () => "i32x4.splat(0)";
  const dot = (sum: string, l: number): string =>
    kind === "dot" ? `dot(v, w${l}, ${sum})` : `i32x4.add(${sum}, i32x4.dot_i16x8_s(w${l}, v))`;
  // The second half of 16 rows is another group for `dot`, else the next in the panel.
  const weight = (l: number): string =>
    kind === "dot" && l > 1 ? `v128.load(panel + distance, ${16 * (l - 2)})` : `v128.load(panel, ${16 * l})`;
  const [bytes, step] = kind === "dot" ? [256, 32] : [1024, 64];
  const products = each(
    (c) =>
      `{ const v = v128.load32_splat(x, ${4 * c}); ${across.map((l) => `i${c}_${l} = ${dot(`i${c}_${l}`, l)};`).join(" ")} }`,
  );
  const scaled = each((c) => {
    const sum = (l: number): string =>
      `const s${l} = fma(f32x4.convert_i32x4_s(i${c}_${l}), f32x4.mul(f${l}, f), v128.load(y${c}, ${16 * l}));`;
    return `{ const f = v128.load32_splat(xScales, ${4 * c}); ${across.map(sum).join(" ")} ${stores(
      `y${c}`,
      across.map((l) => `s${l}`),
    )} }`;
  });
  return `
function q8_fours_${kind}_${lanes}(
  x: usize, panel: usize, ${kind === "dot" ? "distance: usize, " : ""}scales: usize, blocks: i32,
  xScales: usize, ${kind === "dot" ? "xStarts: usize, " : ""}y: usize, yRow: usize,
): void {
  ${each((c) => `const y${c} = y + yRow * ${c};`).join(" ")}
  for (; blocks > 0; blocks--) {
    ${each(
      (c) =>
        `let i${c}_0 = ${start(c)}${across
          .slice(1)
          .map((l) => `, i${c}_${l} = i${c}_0`)
          .join("")};`,
    ).join(" ")}
    for (const end = panel + ${bytes}; panel < end; panel += ${step}) {
      ${across.map((l) => `const w${l} = ${weight(l)};`).join(" ")}
${lines(products, "      ")}
      x += 16;
    }
    ${across.map((l) => `const f${l} = v128.load(scales, ${16 * l});`).join(" ")}
${lines(scaled)}
    scales += 64; xScales += 16;${kind === "dot" ? " xStarts += 16;" : ""}
  }
}`;
}

/** Four columns by 16 rows, at once or one half after the other. */
function foursProduct(kind: Q8Kind, lanes: number): string {
  const dot = kind === "dot";
  const call = (half: number): string => {
    const panel = half === 0 ? "panel" : dot ? "panel + distance" : "panel + 32";
    return `q8_fours_${kind}_${lanes}(x, ${panel}, ${dot ? "distance, " : ""}scales + ${32 * half}, blocks, xScales, ${dot ? "xStarts, " : ""}y + ${32 * half}, yRow);`;
  };
  return `${foursTile(kind, lanes)}
/** Four columns by 16 rows. */
export function q8_fours_${kind}(
  x: usize, panel: usize, ${dot ? "distance: usize, " : ""}scales: usize, blocks: i32,
  xScales: usize, ${dot ? "xStarts: usize, " : ""}y: usize, yRow: usize,
): void {
${lines(range(4 / lanes).map(call), "  ")}
}`;
}

/** Columns and streams of the tiles for few columns: more of them are products of linear-many.ts. */
const q8Shapes: Readonly<Record<Q8Kind, readonly (readonly [columns: number, streams: number])[]>> = {
  dot: [
    [1, 1],
    [1, 4],
    [2, 1],
    [2, 4],
  ],
  dot16: [
    [1, 1],
    [1, 4],
    [2, 1],
    [2, 4],
    [4, 1],
    [4, 4],
    [8, 1],
  ],
};

function q8Product(kind: Q8Kind, paired: boolean): string {
  const tile = ([columns, streams]: readonly [number, number]): string =>
    q8Tile(kind, columns, streams, paired ? 4 : 2);
  const pick = ([columns, streams]: readonly [number, number]): string =>
    `if (columns == ${columns} && streams == ${streams}) return q8_${kind}_${columns}x${streams}(quants, scales, stream, blocks, x, xScales, xStarts, bias, biasStep, floor, y, yColumn, yStream);`;
  return `${q8Shapes[kind].map(tile).join("\n")}
export function q8_${kind}(
  columns: i32, streams: i32,
  quants: usize, scales: usize, stream: usize, blocks: i32, x: usize, xScales: usize, xStarts: usize,
  bias: usize, biasStep: usize, floor: f32, y: usize, yColumn: usize, yStream: usize,
): void {
${lines(q8Shapes[kind].map(pick), "  ")}
}`;
}

/**
 * The whole generated file: all tiles, and for each kind a function that picks the tile by shape. `paired`: 128-bit
 * operations will be paired, so twice as many columns fit in the registers.
 */
export function tiles(paired: boolean): string {
  const header = `// Generated by generate.ts.
import { dot, fma } from "./simd";
import { HALF_MASK, HALF_SCALE } from "./layout";

/** Raises rows of 16 values to \`floor\`. */
export function atLeast(rows: i32, y: usize, yRow: usize, floor: f32): void {
  const least = f32x4.splat(floor);
  for (; rows > 0; rows--, y += yRow) {
    for (let i = 0; i < 64; i += 16) v128.store(y + i, f32x4.max(v128.load(y + i), least));
  }
}
`;
  const q8 = (["dot", "dot16"] as const).flatMap((kind) => [
    q8Product(kind, paired),
    foursProduct(kind, paired ? 4 : 2),
  ]);
  const float = (["f32", "f16", "bf16"] as const).map((kind) => floatProduct(kind, paired));
  return `${header}${[...q8, ...float, streamsProduct(paired)].join("\n")}\n`;
}
