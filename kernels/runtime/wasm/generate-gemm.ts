/** Tiles of products of many frames with Q8 weights, for generate.ts. */
import { lines, range, stores } from "./generate-lines.ts";
import type { Q8Kind } from "./generate-q8.ts";

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
