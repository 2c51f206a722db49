/** Tables of text. */

const WIDE =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\u3001-\u303f\uff01-\uff60]/gu;

/** Columns of a terminal: two for each wide character. */
function widthOf(cell: string | number): number {
  const text = String(cell);
  return Array.from(text).length + (text.match(WIDE)?.length ?? 0);
}

/** Aligns columns; numbers are aligned to the right. */
export function table(rows: readonly (readonly (string | number)[])[]): string {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, widthOf(cell));
  }
  return rows
    .map((row) =>
      row
        .map((cell, i) => {
          const padding = " ".repeat((widths[i] ?? 0) - widthOf(cell));
          return typeof cell === "number" ? `${padding}${cell}` : `${cell}${padding}`;
        })
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

/** A number of bytes with a unit. */
export function size(bytes: number): string {
  if (bytes < 1e3) return `${bytes} B`;
  const [value, unit] =
    bytes < 1e6 ? [bytes / 1e3, "kB"] : bytes < 1e9 ? [bytes / 1e6, "MB"] : [bytes / 1e9, "GB"];
  return `${value.toPrecision(3)} ${unit}`;
}
