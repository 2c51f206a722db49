/** Columns of text, as wide as their cells, or wrapped so that the rows fit a terminal. */

import { columnsOf } from "../text/columns.ts";

export interface LaidCell {
  readonly text: string;
  /** Aligned to the right, and never wrapped. */
  readonly toRight: boolean;
}

const gap = 2;
/** No column is made narrower. */
const leastWidth = 8;

/** Aligned columns, within `columns` where that is possible. `paint` gets each cell and a line of its text. */
export function layout<Cell extends LaidCell>(
  rows: readonly (readonly Cell[])[],
  columns: number | undefined,
  paint: (cell: Cell, line: string) => string,
): string {
  const widths = fitted(rows, columns);
  return rows.flatMap((row) => linesOf(row, widths, columns === undefined, paint)).join("\n");
}

/** The width of each column. The widest ones are narrowed to one width. */
function fitted(rows: readonly (readonly LaidCell[])[], columns = Infinity): number[] {
  const widths: number[] = [];
  const fixed: boolean[] = [];
  for (const row of rows) {
    for (const [i, { text, toRight }] of row.entries()) {
      widths[i] = Math.max(widths[i] ?? 0, ...text.split("\n").map(columnsOf));
      fixed[i] = (fixed[i] ?? false) || toRight;
    }
  }
  const capped = (cap: number): number[] =>
    widths.map((width, i) => (fixed[i] ? width : Math.min(width, cap)));
  const total = (all: readonly number[]): number => all.reduce((sum, width) => sum + width + gap, -gap);
  let cap = Math.max(leastWidth, ...widths);
  while (cap > leastWidth && total(capped(cap)) > columns) cap--;
  return capped(cap);
}

function linesOf<Cell extends LaidCell>(
  row: readonly Cell[],
  widths: readonly number[],
  whole: boolean,
  paint: (cell: Cell, line: string) => string,
): string[] {
  const cells = row.map(({ text, toRight }, i) => (whole || toRight ? [text] : wrap(text, widths[i] ?? 0)));
  const height = Math.max(1, ...cells.map((lines) => lines.length));
  const used = row.findLastIndex(({ text }) => text !== "") + 1;
  return Array.from({ length: height }, (_, line) =>
    row
      .slice(0, used)
      .map((cell, i) => {
        const text = cells[i]?.[line] ?? "";
        const padding = " ".repeat(Math.max(0, (widths[i] ?? 0) - columnsOf(text)));
        const painted = paint(cell, text);
        if (cell.toRight) return padding + painted;
        return i === used - 1 ? painted : painted + padding;
      })
      .join(" ".repeat(gap))
      .trimEnd(),
  );
}

/** A break is possible behind these, and beside each wide letter. */
const BREAK = /[\s.,:;/_\-=|，。、；：！？]/u;

/** Lines of at most `width` columns: broken behind the last of {@link BREAK}, else within a word. */
export function wrap(text: string, width: number): string[] {
  return text
    .split("\n")
    .flatMap((line) => (columnsOf(line) <= width ? [line] : wrapLine(Array.from(line), width)));
}

function wrapLine(letters: readonly string[], width: number): string[] {
  const lines: string[] = [];
  let [start, used, breakAt] = [0, 0, 0];
  for (let i = 0; i < letters.length; i++) {
    const letter = letters[i]!;
    const own = columnsOf(letter);
    if (letter === " " || (own > 1 && !BREAK.test(letter))) breakAt = i;
    while (used + own > width && i > start) {
      const end = breakAt > start ? breakAt : i;
      lines.push(letters.slice(start, end).join("").trimEnd());
      start = end;
      while (start < i && letters[start] === " ") start++;
      used = columnsOf(letters.slice(start, i).join(""));
    }
    if (letter === " " && i === start) start++;
    else used += own;
    if (BREAK.test(letter)) breakAt = i + 1;
  }
  return [...lines, letters.slice(start).join("")];
}
