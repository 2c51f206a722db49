/** Parts of a line that fit into so many columns of a terminal. */
import { columnsOf } from "../text/columns.ts";

const ellipsis = "…";

/** The beginning of what is too wide. */
export function startOf(line: string, columns: number): string {
  return columnsOf(line) <= columns ? line : fitting(Array.from(line), columns - 1).join("") + ellipsis;
}

/** The end of what is too wide. */
export function endOf(line: string, columns: number): string {
  if (columnsOf(line) <= columns) return line;
  return (
    ellipsis +
    fitting(Array.from(line).toReversed(), columns - 1)
      .toReversed()
      .join("")
  );
}

/** As many letters from the first one on as fit. */
function fitting(letters: readonly string[], columns: number): readonly string[] {
  let left = columns;
  const count = letters.findIndex((letter) => (left -= columnsOf(letter)) < 0);
  return letters.slice(0, count < 0 ? letters.length : count);
}
