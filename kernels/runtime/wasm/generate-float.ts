/** The tiles of float products, see generate.ts: panels of 16 outputs, whose weights lie side by side for each column. */
import { lines, range, stores } from "./generate-lines.ts";

/** Encoding of the weights of a float panel. */
type FloatKind = "f32" | "f16" | "bf16";

/**
 * A tile of `rows` rows of x by 4 · `lanes` outputs: y = start + x · panel, for any number of columns. An iteration of the
 * loop is `unroll` steps: one after the other with an exit between them, because V8 would otherwise do the loads of all of
 * them first, and spill registers; or for few rows all at once. Accumulators are stored unchanged: with any other operation
 * at the end V8 schedules the loop in another order, and spills.
 */
function floatTile(kind: FloatKind, rows: number, lanes: number, unroll: number, atOnce: boolean): string {
  const all = range(rows);
  const across = range(lanes);
  const panelRow = kind === "f32" ? 64 : 32;
  const weight = (step: number, lane: number): string => {
    const at = panelRow * step + (panelRow / 4) * lane;
    if (kind === "f32") return `v128.load(panel, ${at})`;
    const bits = kind === "f16" ? `v128.load16x4_s(panel, ${at})` : `v128.load16x4_u(panel, ${at})`;
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
  const loop = (steps: number, least: number): string => `
  for (; left >= ${least}; left -= ${steps}) {
${lines(range(steps).flatMap((u) => (u === 0 || least > 1 ? [step(u)] : [`if (left == ${u}) break;`, step(u)])))}
    panel += ${panelRow * steps}; ${all.map((r) => `x${r} += ${4 * steps};`).join(" ")}
  }`;
  return `
function float_${kind}_${rows}x${lanes}(
  x: usize, xRow: usize, panel: usize, columns: i32, start: usize, startRow: usize, y: usize, yRow: usize,
): void {
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
  let left = columns;${atOnce ? `${loop(unroll, unroll)}${loop(1, 1)}` : loop(unroll, 1)}
${lines(
  all.map(
    (r) =>
      `{ const p = y + yRow * ${r}; ${stores(
        "p",
        across.map((l) => `c${r}_${l}`),
      )} }`,
  ),
  "  ",
)}
}`;
}

/** Rows of the largest float tile: with 16 outputs (8 where vectors are not paired) it fills the registers. */
const floatRows = 6;

/** The tiles of one kind, and the product that picks them. */
export function floatProduct(kind: FloatKind, paired: boolean): string {
  const few = (rows: number): boolean => rows <= 2; // limited by latency, not by registers
  const width = (rows: number): number => (paired || few(rows) ? 4 : 2);
  const shapes = range(floatRows).map((i) => i + 1);
  const halfPanel = kind === "f32" ? 32 : 16;
  return `${shapes.map((rows) => floatTile(kind, rows, width(rows), paired || few(rows) ? 4 : 1, few(rows))).join("\n")}
/** Any number of rows of x by 16 outputs: y = start + x · panel, and at least \`lowerBound\`. */
export function float_${kind}(
  rows: i32,
  x: usize, xRow: usize, panel: usize, columns: i32, start: usize, startRow: usize, lowerBound: f32, y: usize, yRow: usize,
): void {
  for (; rows > 0; rows -= ${floatRows}, x += xRow * ${floatRows}, start += startRow * ${floatRows}, y += yRow * ${floatRows}) {
${lines(
  shapes.toReversed().map((rows, i) => {
    const call = (half: number): string =>
      `float_${kind}_${rows}x${width(rows)}(x, xRow, panel + ${half * halfPanel}, columns, start + ${half * 32}, startRow, y + ${half * 32}, yRow);`;
    const calls = range(4 / width(rows))
      .map(call)
      .join(" ");
    return `${i === 0 ? "" : "else "}if (rows ${i === 0 ? ">=" : "=="} ${rows}) { ${calls} }`;
  }),
)}
    if (lowerBound != -Infinity) atLeast(min(rows, ${floatRows}), y, yRow, lowerBound);
  }
}`;
}

/**
 * One or two rows of x by the outputs of four float32 panels, `distance` apart: a core reads memory faster in several
 * streams. A part of each panel's width at a time, because registers are few; the other parts are in the cache then.
 */
function streamsTile(rows: number, lanes: number): string {
  const all = range(rows);
  const streams = range(4);
  const across = range(lanes);
  const each = (line: (s: number, r: number, l: number) => string): string[] =>
    streams.flatMap((s) => all.flatMap((r) => across.map((l) => line(s, r, l))));
  const step = streams.map(
    (s) =>
      `{ ${across.map((l) => `const w${l} = v128.load(b${s}, ${16 * l});`).join(" ")} ${all.flatMap((r) => across.map((l) => `c${s}_${r}_${l} = fma(v${r}, w${l}, c${s}_${r}_${l});`)).join(" ")} b${s} += 64; }`,
  );
  const stored = streams.flatMap((s) =>
    all.map(
      (r) =>
        `{ const p = y + yRow * ${r} + ${64 * s} + at; ${stores(
          "p",
          across.map((l) => `c${s}_${r}_${l}`),
        )} }`,
    ),
  );
  return `
function float_streams_${rows}(
  x: usize, xRow: usize, panel: usize, distance: usize, columns: i32, start: usize, startRow: usize, startPanel: usize, y: usize, yRow: usize,
): void {
  for (let at: usize = 0; at < 64; at += ${16 * lanes}) {
    ${all.map((r) => `let x${r} = x + xRow * ${r};`).join(" ")}
    ${streams.map((s) => `let b${s} = panel + distance * ${s} + at;`).join(" ")}
${lines(
  each(
    (s, r, l) =>
      `let c${s}_${r}_${l} = v128.load(start + startRow * ${r} + startPanel * ${s} + at, ${16 * l});`,
  ),
)}
    for (let left = columns; left > 0; left--) {
${lines([...all.map((r) => `const v${r} = v128.load32_splat(x${r}); x${r} += 4;`), ...step], "      ")}
    }
${lines(stored)}
  }
}`;
}

/** The product of any number of rows of x, two at a time, and four float32 panels. */
export function streamsProduct(paired: boolean): string {
  const args = "x, xRow, panel, distance, columns, start, startRow, startPanel, y, yRow";
  return `${[1, 2].map((rows) => streamsTile(rows, paired ? 2 : 1)).join("\n")}
/** Any number of rows of x by 64 outputs: y = start + x · panels; \`startPanel\` is 64, or 0 where all panels have the same start. */
export function float_streams(
  rows: i32,
  x: usize, xRow: usize, panel: usize, distance: usize, columns: i32, start: usize, startRow: usize, startPanel: usize, y: usize, yRow: usize,
): void {
  for (; rows > 0; rows -= 2, x += xRow * 2, start += startRow * 2, y += yRow * 2) {
    if (rows == 1) float_streams_1(${args});
    else float_streams_2(${args});
  }
}`;
}
