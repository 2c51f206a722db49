/** Tiles of products with Q8 weights, for generate.ts: for a few frames in one pass over the weights, and for many. */
import { lines, range, stores } from "./generate-lines.ts";

/** Which instructions multiply weights in 8-bit blocks. */
type Q8Kind =
  /** i8x16 relaxed dot with accumulation: vpdpbusd, or sdot. Used only where the probe finds it exact. */
  | "int8"
  /** Both sides widened to 16 bits: exact on every machine. */
  | "int16";

/**
 * A tile of 8 · streams rows by `frames` frames. Several streams read row groups that lie far apart, because a core reads
 * memory faster that way; with many frames one stream is better, because there are too few accumulators.
 */
function q8Tile(kind: Q8Kind, frames: number, streams: number, together: number): string {
  const body = range(streams).map((s) =>
    kind === "int8" ? int8Stream(frames, s) : int16Stream(frames, s, together),
  );
  const each = (line: (s: number, c: number) => string): string[] =>
    range(streams).flatMap((s) => range(frames).map((c) => line(s, c)));
  const valueBytes = kind === "int8" ? 1 : 2;
  return `
function q8_${kind}_${frames}x${streams}(
  quants: usize, scales: usize, stream: usize, blocks: i32, x: usize, xScales: usize, xInitialSums: usize,
  bias: usize, biasStep: usize, lowerBound: f32, y: usize, yFrame: usize, yStream: usize,
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
    x += ${32 * frames * valueBytes}; xScales += ${4 * frames}; xInitialSums += ${4 * frames};
  }
  const least = f32x4.splat(lowerBound);
${lines(
  each(
    (s, c) =>
      `{ const p = y + yFrame * ${c} + yStream * ${s}; v128.store(p, f32x4.max(a${s}_${c}, least)); v128.store(p, f32x4.max(b${s}_${c}, least), 16); }`,
  ),
  "  ",
)}
}`;
}

function int8Stream(frames: number, s: number): string {
  const all = range(frames);
  const steps = range(8).map((step) => {
    const products = all.map(
      (c) =>
        `{ const v = v128.load32_splat(x, ${4 * (frames * step + c)}); i${c} = dot(v, w0, i${c}); j${c} = dot(v, w1, j${c}); }`,
    );
    return `{ const w0 = v128.load(q${s}, ${32 * step}), w1 = v128.load(q${s}, ${32 * step + 16});\n${lines(products, "        ")} }`;
  });
  return stream(s, [
    ...all.map((c) => `let i${c} = v128.load32_splat(xInitialSums, ${4 * c}), j${c} = i${c};`),
    ...steps,
    ...scaled(frames, s),
  ]);
}

function int16Stream(frames: number, s: number, together: number): string {
  // Per step and frame the sums of rows 0–3 (i, in) and 4–7 (j, jn); lanes are (row, pair of columns). The loop is not
  // unrolled and takes few frames at a time: otherwise V8 does the loads of all steps first, and spills registers.
  const pass = (few: readonly number[]): string[] => [
    ...few.map((c) => `let i${c} = i32x4.splat(0), in${c} = i${c}, j${c} = i${c}, jn${c} = i${c};`),
    `for (let p = q${s}, end = p + 256, v = x + ${8 * few[0]!}; p < end; p += 32, v += ${8 * frames}) {`,
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
  const passes = Math.ceil(frames / together);
  const few = (i: number): number[] => range(frames).slice(i * together, (i + 1) * together);
  return stream(s, [...range(passes).flatMap((i) => pass(few(i))), ...scaled(frames, s)]);
}

/** Sums of neighboring lanes of both. */
function rowSums(a: string, b: string): string {
  return `i32x4.add(v128.shuffle<i32>(${a}, ${b}, 0, 2, 4, 6), v128.shuffle<i32>(${a}, ${b}, 1, 3, 5, 7))`;
}

/** Integer sums times both scales, onto the float accumulators. */
function scaled(frames: number, s: number): string[] {
  const scale = (offset: string): string =>
    `f32x4.mul(v128.and(i32x4.shl(v128.load16x4_s(s${s}${offset}), 13), v128.load32_splat(HALF_MASK)), v128.load32_splat(HALF_SCALE))`;
  return [
    `const f0 = ${scale("")}, f1 = ${scale(", 8")};`,
    ...range(frames).map(
      (c) =>
        `{ const f = v128.load32_splat(xScales, ${4 * c}); a${s}_${c} = fma(f32x4.convert_i32x4_s(i${c}), f32x4.mul(f0, f), a${s}_${c}); b${s}_${c} = fma(f32x4.convert_i32x4_s(j${c}), f32x4.mul(f1, f), b${s}_${c}); }`,
    ),
  ];
}

function stream(s: number, statements: readonly string[]): string {
  return `    {\n${lines([...statements, `q${s} += 256; s${s} += 16;`], "      ")}\n    }`;
}

/**
 * `frames` frames by 4 · `lanes` rows of a panel of gemm.ts, added to the values at `y`. Partial sums lie in memory, because
 * the integer sums of a block need the registers.
 */
function gemmTile(kind: Q8Kind, frames: number, lanes: number): string {
  const isInt8 = kind === "int8";
  const across = range(lanes);
  const each = (line: (c: number) => string): string[] => range(frames).map(line);
  const start = (c: number): string =>
    isInt8 ? `v128.load32_splat(xInitialSums, ${4 * c})` : "i32x4.splat(0)";
  const product = (sum: string, l: number): string =>
    isInt8 ? `dot(v, w${l}, ${sum})` : `i32x4.add(${sum}, i32x4.dot_i16x8_s(w${l}, v))`;
  // The second half of 16 rows is another group for `int8`; for `int16` it is next in the panel.
  const weight = (l: number): string =>
    isInt8 && l > 1 ? `v128.load(panel + distance, ${16 * (l - 2)})` : `v128.load(panel, ${16 * l})`;
  const [bytes, step] = isInt8 ? [256, 32] : [1024, 64];
  const products = each(
    (c) =>
      `{ const v = v128.load32_splat(x, ${4 * c}); ${across.map((l) => `i${c}_${l} = ${product(`i${c}_${l}`, l)};`).join(" ")} }`,
  );
  const scaled = each((c) => {
    const sum = (l: number): string =>
      `const s${l} = fma(f32x4.convert_i32x4_s(i${c}_${l}), f32x4.mul(f${l}, f), v128.load(y${c}, ${16 * l}));`;
    const all = stores(
      `y${c}`,
      across.map((l) => `s${l}`),
    );
    return `{ const f = v128.load32_splat(xScales, ${4 * c}); ${across.map(sum).join(" ")} ${all} }`;
  });
  const sums = each((c) => {
    const copies = across.slice(1).map((l) => `, i${c}_${l} = i${c}_0`);
    return `let i${c}_0 = ${start(c)}${copies.join("")};`;
  });
  return `
function q8_gemm_${kind}_${frames}x${lanes}(${gemmParameters(kind)}): void {
  ${each((c) => `const y${c} = y + yRow * ${c};`).join(" ")}
  for (; blocks > 0; blocks--) {
    ${sums.join(" ")}
    for (const end = panel + ${bytes}; panel < end; panel += ${step}) {
      ${across.map((l) => `const w${l} = ${weight(l)};`).join(" ")}
${lines(products, "      ")}
      x += ${4 * frames};
    }
    ${across.map((l) => `const f${l} = v128.load(scales, ${16 * l});`).join(" ")}
${lines(scaled)}
    scales += 64; xScales += ${4 * frames};${isInt8 ? ` xInitialSums += ${4 * frames};` : ""}
  }
}`;
}

const gemmParameters = (kind: Q8Kind): string =>
  kind === "int8"
    ? "x: usize, panel: usize, distance: usize, scales: usize, blocks: i32, xScales: usize, xInitialSums: usize, y: usize, yRow: usize"
    : "x: usize, panel: usize, scales: usize, blocks: i32, xScales: usize, y: usize, yRow: usize";

/** The product of `frames` frames by 16 rows, at once or one half after the other. */
export function gemmProduct(kind: Q8Kind, frames: number, lanes: number): string {
  const call = (half: number): string => {
    const [y, scales] = [`y + ${32 * half}`, `scales + ${32 * half}`];
    return kind === "int8"
      ? `q8_gemm_int8_${frames}x${lanes}(x, panel${half === 0 ? "" : " + distance"}, distance, ${scales}, blocks, xScales, xInitialSums, ${y}, yRow);`
      : `q8_gemm_int16_${frames}x${lanes}(x, panel + ${32 * half}, ${scales}, blocks, xScales, ${y}, yRow);`;
  };
  return `${gemmTile(kind, frames, lanes)}
/** ${frames} frames by 16 rows. */
export function q8_gemm_${kind}_${frames}(${gemmParameters(kind)}): void {
${lines(range(4 / lanes).map(call), "  ")}
}`;
}

/** Frames and streams of the tiles for few frames; gemm.ts computes the others. */
const q8Shapes: Readonly<Record<Q8Kind, readonly (readonly [frames: number, streams: number])[]>> = {
  int8: [
    [1, 1],
    [1, 4],
    [2, 1],
    [2, 4],
  ],
  int16: [
    [1, 1],
    [1, 4],
    [2, 1],
    [2, 4],
    [4, 1],
    [4, 4],
    [8, 1],
  ],
};

/** The tiles for few frames, and the function that picks one. */
export function q8Product(paired: boolean): string {
  const kinds = ["int16", "int8"] as const;
  const tile = (kind: Q8Kind): string[] =>
    q8Shapes[kind].map(([frames, streams]) => q8Tile(kind, frames, streams, paired ? 4 : 2));
  const pick = (kind: Q8Kind): string[] =>
    q8Shapes[kind].map(
      ([frames, streams]) =>
        `if (frames == ${frames} && streams == ${streams}) return q8_${kind}_${frames}x${streams}(quants, scales, stream, blocks, x, xScales, xInitialSums, bias, biasStep, lowerBound, y, yFrame, yStream);`,
    );
  return `${kinds.flatMap(tile).join("\n")}
export function q8(
  int16: i32, frames: i32, streams: i32,
  quants: usize, scales: usize, stream: usize, blocks: i32, x: usize, xScales: usize, xInitialSums: usize,
  bias: usize, biasStep: usize, lowerBound: f32, y: usize, yFrame: usize, yStream: usize,
): void {
  if (int16) {
${lines(pick("int16"))}
  } else {
${lines(pick("int8"))}
  }
}`;
}
