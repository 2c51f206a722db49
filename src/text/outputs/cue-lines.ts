/** The lines of a cue: as few as fit, about equally long, divided where the sense allows. */
import type { CueLimits } from "./cue-limits.ts";
import type { CuePiece } from "./cue-pieces.ts";

/** How much the square of a line's distance from the mean costs, in shares of the longest line. */
const IMBALANCE = 40;
/** From this many lines on, only a cue that had to stay whole, they are filled one after the other. */
const MANY_LINES = 12;

/** Columns of the pieces on one line, spaces between them included. */
export function lineWidth(pieces: readonly CuePiece[]): number {
  return pieces.reduce((sum, piece, i) => sum + spacedColumns(piece, i + 1 === pieces.length), 0);
}

/** Columns of a piece and of the space behind it, which the last one of a line has not. */
function spacedColumns({ columns, spaced }: CuePiece, last: boolean): number {
  return columns + (spaced && !last ? 1 : 0);
}

/** The pieces of each line. */
export function linesOf(pieces: readonly CuePiece[], limits: CueLimits): CuePiece[][] {
  const limit = pieces.some(({ cjk }) => cjk) ? limits.cjkColumns : limits.columns;
  const filled = fill(pieces, limit);
  const count = filled.length;
  if (count === 1 || count >= MANY_LINES) return filled;
  return balanced(pieces, count, limit) ?? filled;
}

/** Each line takes as many pieces as fit, and at least one. */
function fill(pieces: readonly CuePiece[], limit: number): CuePiece[][] {
  const lines: CuePiece[][] = [];
  let room = 0;
  let space = 0;
  for (const piece of pieces) {
    const line = lines.at(-1);
    if (line === undefined || space + piece.columns > room) {
      lines.push([piece]);
      room = limit;
    } else {
      line.push(piece);
      room -= space;
    }
    room -= piece.columns;
    space = piece.spaced ? 1 : 0;
  }
  return lines;
}

/** The best division into `count` lines that fit; undefined where a piece is longer than a line. */
function balanced(pieces: readonly CuePiece[], count: number, limit: number): CuePiece[][] | undefined {
  const mean = lineWidth(pieces) / count;
  const n = pieces.length;
  // best[k][i]: cost of the pieces before i in k lines; from[k][i]: where the last of them begins.
  let best = new Float64Array(n + 1).fill(Infinity);
  best[0] = 0;
  const from: Int32Array[] = [];
  for (let k = 0; k < count; k++) {
    const next = new Float64Array(n + 1).fill(Infinity);
    const begins = new Int32Array(n + 1).fill(-1);
    for (let start = 0; start < n; start++) {
      if (best[start] === Infinity) continue;
      let width = 0;
      for (let end = start + 1; end <= n; end++) {
        const piece = pieces[end - 1]!;
        width += piece.columns;
        if (width > limit) break;
        const cost = best[start]! + (end === n ? 0 : piece.cost) + IMBALANCE * ((width - mean) / limit) ** 2;
        if (cost < next[end]!) [next[end], begins[end]] = [cost, start];
        if (piece.spaced) width++;
      }
    }
    from.push(begins);
    best = next;
  }
  if (best[n] === Infinity) return undefined;
  const lines: CuePiece[][] = [];
  let end = n;
  for (let k = count - 1; k >= 0; k--) {
    const start = from[k]![end]!;
    lines.unshift(pieces.slice(start, end));
    end = start;
  }
  return lines;
}
