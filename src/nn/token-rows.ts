/**
 * A stage of several tokens, taken apart into the rows of each: a step that feeds several tokens at once emits what
 * steps of one token each would emit.
 */
import { columns, concatColumns, concatRows, reshape, rows } from "./ops.ts";
import type { Tensor } from "./ops.ts";

/**
 * `value` with `change` applied to the row of each of `count` tokens. `value` is [count, D], with rows [1, D], or
 * [heads, count, S] of causal attention, with rows [heads, 1, s], where s leaves out the positions of later tokens.
 * Returns `value` itself where `change` returns every row as it was.
 */
export function eachTokenRow(
  value: Tensor,
  count: number,
  change: (row: Tensor, i: number) => Tensor,
): Tensor {
  const before = Array.from({ length: count }, (_, i) => rowOf(value, i));
  const after = before.map(change);
  if (after.every((row, i) => row === before[i])) return value;
  return value.shape.length === 3 ? joinHeads(value, after) : concatRows(...after);
}

function rowOf(value: Tensor, i: number): Tensor {
  if (value.shape.length !== 3) return rows(value, i, 1);
  const [heads, count, positions] = value.shape as [number, number, number];
  const flat = reshape(value, [heads * count, positions]);
  const visible = positions - (count - 1 - i);
  const ofHeads = Array.from({ length: heads }, (_, head) => rows(flat, head * count + i, 1));
  return reshape(columns(concatRows(...ofHeads), 0, visible), [heads, 1, visible]);
}

/** [heads, 1, s] of each token, with the positions of later tokens as they are in `value`. */
function joinHeads(value: Tensor, tokens: readonly Tensor[]): Tensor {
  const [heads, count, positions] = value.shape as [number, number, number];
  const flat = reshape(value, [heads * count, positions]);
  const joined: Tensor[] = [];
  for (let head = 0; head < heads; head++) {
    for (const [i, token] of tokens.entries()) {
      const visible = token.shape[2]!;
      const row = rows(reshape(token, [heads, visible]), head, 1);
      const later = positions - visible;
      const all = rows(flat, head * count + i, 1);
      joined.push(later === 0 ? row : concatColumns(row, columns(all, visible, later)));
    }
  }
  return reshape(concatRows(...joined), value.shape);
}
