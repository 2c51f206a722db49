/** Tiles of products of a few frames with Q8 weights, for generate.ts: one pass over the weights. */
import { lines, range } from "./generate-lines.ts";

/** Which instructions multiply weights in 8-bit blocks. */
export type Q8Kind =
  /** i8x16 relaxed dot with accumulation: vpdpbusd, or sdot. Used only where the probe finds it exact. */
  | "int8"
  /** Both sides widened to 16 bits: exact on every machine. */
  | "int16";

/** What is multiplied at once: the integer sums of these frames by these groups of 8 rows lie in registers. */
interface Pass {
  readonly kind: Q8Kind;
  readonly frames: number;
  readonly groups: number;
}

/** Row groups of a full tile. They lie far apart, because a core reads memory faster in several streams. */
const streams = 4;

/** Frames of the tiles: `tileWidth` of assembly/quantize.ts picks one. */
const widths = [1, 2, 4, 6, 8] as const;

/** The pass of a tile; its frames divide the width. */
function passOf(kind: Q8Kind, paired: boolean, width: number): Pass {
  const sums = (kind === "int8" ? 8 : 4) / (paired ? 1 : 2); // frames times groups that fit into the registers
  const widest = kind === "int8" ? 2 : sums;
  const frames = width % widest === 0 ? widest : Math.min(width, 2);
  return { kind, frames, groups: Math.min(streams, sums / frames) };
}

const nameOf = ({ kind, frames, groups }: Pass): string => `q8_${kind}_${frames}x${groups}`;

const parameters = `present: i32, streams: i32, quants: usize, scales: usize, distance: usize, blocks: i32,
  x: usize, xScales: usize, xInitialSums: usize, bias: usize, biasStep: usize, lowerBound: f32,
  y: usize, yFrame: usize, yStream: usize, sums: usize`;
const names = parameters.split(/,\s+/).map((parameter) => parameter.split(":")[0]!);

/**
 * A tile of `passes` · `frames` frames, of which `present` are stored, by 1 or 4 row groups (`streams`). Of each block in
 * turn, all groups are multiplied by all frames: every weight comes from memory once, and the streams advance together.
 * The float sums lie in memory, [group][frame][8 rows], because the integer sums of a block need the registers.
 *
 * The loop over the steps of a block is not unrolled: V8 would compute the addresses of all steps first, and spill
 * registers. All new sums are computed before the first is stored, because V8 pairs no operations across a store.
 *
 * Where a pass has more groups than the tile, its other results are not stored.
 */
function tile(pass: Pass): string {
  const { kind, frames, groups } = pass;
  const across = range(groups);
  const all = range(frames);
  const scale = (g: number, half: number): string =>
    `f32x4.mul(v128.and(i32x4.shl(v128.load16x4_s(scale + (distance >> 4) * ${g}, ${8 * half}), 13), mask), factor)`;
  const added = ({ g, c }: Sum): string =>
    `const a${g}_${c} = fma(f32x4.convert_i32x4_s(i${g}_${c}), f32x4.mul(f${g}, x${c}), v128.load(s${g}, ${32 * c})), b${g}_${c} = fma(f32x4.convert_i32x4_s(j${g}_${c}), f32x4.mul(h${g}, x${c}), v128.load(s${g}, ${32 * c + 16}));`;
  const stored = ({ g, c }: Sum): string =>
    `v128.store(s${g}, b${g}_${c}, ${32 * c + 16}); v128.store(s${g}, a${g}_${c}, ${32 * c});`;
  const body = [
    ...(kind === "int8" ? int8Sums(pass) : int16Sums(pass)),
    ...across.slice(1).map((g) => `const s${g} = s0 + group * ${g};`),
    ...across.map((g) => `const f${g} = ${scale(g, 0)}, h${g} = ${scale(g, 1)};`),
    ...all.map((c) => `const x${c} = v128.load32_splat(xScales + at, ${4 * c});`),
    ...sumsOf(pass).map(added),
    ...sumsOf(pass).map(stored),
  ];
  return `
function ${nameOf(pass)}(
  passes: i32, ${parameters},
): void {
  const stride: usize = <usize>passes * ${4 * frames}; // bytes of the scales of a block: 4 for each frame
  const group = stride << 3; // bytes of the sums of a group
  let sum = sums;
  for (let stream = 0; stream < streams; stream++, bias += biasStep) {
    const low = v128.load(bias), high = v128.load(bias, 16);
    for (const end = sum + group; sum < end; sum += 32) { v128.store(sum, high, 16); v128.store(sum, low); }
  }
  const mask = v128.load32_splat(HALF_MASK), factor = v128.load32_splat(HALF_SCALE);
  for (; blocks > 0; blocks--) {
    let quant = quants, scale = scales;
    sum = sums;
    for (let stream = 0; stream < streams; stream += ${groups}) {
      let part = x, s0 = sum;
      for (let at: usize = 0; at < stride; at += ${4 * frames}) {
${lines(body, "        ")}
        part += ${valueBytes[kind] * 4 * frames}; s0 += ${32 * frames};
      }
      quant += distance * ${groups}; scale += (distance >> 4) * ${groups}; sum += group * ${groups};
    }
    quants += 256; scales += 16;
    x += stride * ${8 * valueBytes[kind]}; xScales += stride; xInitialSums += stride;
  }
  const least = f32x4.splat(lowerBound);
  for (let stream = 0; stream < streams; stream++, y += yStream, sums += group) {
    let to = y;
    sum = sums;
    for (const end = sum + ((<usize>present) << 5); sum < end; sum += 32, to += yFrame) {
      const low = f32x4.max(v128.load(sum), least), high = f32x4.max(v128.load(sum, 16), least);
      v128.store(to, high, 16); v128.store(to, low);
    }
  }
}`;
}

const valueBytes: Readonly<Record<Q8Kind, number>> = { int8: 1, int16: 2 };

/** The sums of one group and frame: in the variables i (rows 0–3) and j (rows 4–7) with these numbers. */
interface Sum {
  readonly g: number;
  readonly c: number;
}

const sumsOf = ({ groups, frames }: Pass): Sum[] =>
  range(groups).flatMap((g) => range(frames).map((c) => ({ g, c })));

/** Address of a step of a group. */
const stepOf = (g: number): string => (g === 0 ? "p" : `p + distance * ${g}`);

function int8Sums(pass: Pass): string[] {
  const across = range(pass.groups);
  const all = range(pass.frames);
  const begin = (c: number): string => {
    const copies = across.flatMap((g) => [`i${g}_${c}`, `j${g}_${c}`]).slice(1);
    const first = `let i0_${c} = v128.load32_splat(xInitialSums + at, ${4 * c})`;
    return `${[first, ...copies.map((name) => `${name} = i0_${c}`)].join(", ")};`;
  };
  const products = (c: number): string => {
    const sums = across.map(
      (g) => `i${g}_${c} = dot(v, w${g}, i${g}_${c}); j${g}_${c} = dot(v, u${g}, j${g}_${c});`,
    );
    return `  { const v = v128.load32_splat(value, ${4 * c}); ${sums.join(" ")} }`;
  };
  return [
    ...all.map(begin),
    "for (let p = quant, end = p + 256, value = part; p < end; p += 32, value += stride) {",
    ...across.map((g) => `  const w${g} = v128.load(${stepOf(g)}), u${g} = v128.load(${stepOf(g)}, 16);`),
    ...all.map(products),
    "}",
  ];
}

/** In the loop lanes are (row, pair of columns): i and k have rows 0–3, j and l rows 4–7. */
function int16Sums(pass: Pass): string[] {
  const parts = ["i", "j", "k", "l"];
  const products = (g: number, part: string, i: number): string => {
    const sums = range(pass.frames).map(
      (c) => `${part}${g}_${c} = i32x4.add(${part}${g}_${c}, i32x4.dot_i16x8_s(w, v${c}));`,
    );
    return `  { const w = v128.load8x8_s(${stepOf(g)}, ${8 * i}); ${sums.join(" ")} }`;
  };
  return [
    ...sumsOf(pass).map(
      ({ g, c }) => `let ${parts.map((part) => `${part}${g}_${c} = i32x4.splat(0)`).join(", ")};`,
    ),
    "for (let p = quant, end = p + 256, value = part; p < end; p += 32, value += stride << 1) {",
    ...range(pass.frames).map((c) => `  const v${c} = v128.load64_splat(value, ${8 * c});`),
    ...range(pass.groups).flatMap((g) => parts.map((part, i) => products(g, part, i))),
    "}",
    ...sumsOf(pass).flatMap(({ g, c }) => [
      `i${g}_${c} = ${rowSums(`i${g}_${c}`, `k${g}_${c}`)};`,
      `j${g}_${c} = ${rowSums(`j${g}_${c}`, `l${g}_${c}`)};`,
    ]),
  ];
}

/** Sums of neighboring lanes of both. */
function rowSums(a: string, b: string): string {
  return `i32x4.add(v128.shuffle<i32>(${a}, ${b}, 0, 2, 4, 6), v128.shuffle<i32>(${a}, ${b}, 1, 3, 5, 7))`;
}

/** The tiles, and the function that picks one. `paired`: 128-bit operations will be paired, so twice as many sums fit. */
export function q8Product(paired: boolean): string {
  const kinds = ["int16", "int8"] as const;
  const passes = kinds.flatMap((kind) => widths.map((width) => passOf(kind, paired, width)));
  const tiles = new Map(passes.map((pass) => [nameOf(pass), tile(pass)]));
  const pick = (kind: Q8Kind): string[] =>
    widths.map((width) => {
      const pass = passOf(kind, paired, width);
      return `if (width == ${width}) return ${nameOf(pass)}(${width / pass.frames}, ${names.join(", ")});`;
    });
  return `${[...tiles.values()].join("\n")}
/** A tile of \`width\` frames. */
export function q8(
  int16: i32, width: i32, ${parameters},
): void {
  if (int16) {
${lines(pick("int16"))}
  } else {
${lines(pick("int8"))}
  }
}`;
}
