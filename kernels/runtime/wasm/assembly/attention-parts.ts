/**
 * The parts of attention.ts for those who want to see them. Scores are computed by the same products in the same order,
 * so they are the numbers that attention itself has in between.
 */
import { contextRows, loadQueries, scaleRow, scoreRows, softmaxRow } from "./attention";

@unmanaged
class ScoresArgs {
  q: usize;
  keys: usize;
  y: usize;
  frames: i32;
  /** Positions in use. */
  length: i32;
  heads: i32;
  kvHeads: i32;
  size: i32;
  scale: f32;
  /** Frames per item. */
  blockFrames: i32;
  /** Scratch of the first thread, and its size. */
  scratch: usize;
  scratchBytes: i32;
}

/** y [heads, frames, length]. Items: for each block of frames, all key/value heads. */
export function attentionScores(args: usize, first: i32, last: i32, thread: i32): void {
  const a = changetype<ScoresArgs>(args);
  const group = a.heads / a.kvHeads;
  const size = a.size;
  const panels = (a.length + 15) >> 4;
  const scoreRow = (<usize>panels) << 6;
  const queryRow = (<usize>size * 4 + 63) & ~63;
  const keyPanel = (<usize>a.kvHeads * size) << 6;
  const rowBytes = (<usize>a.length) << 2;
  const scores = a.scratch + <usize>thread * a.scratchBytes;
  for (let item = first; item < last; item++) {
    const kvHead = item % a.kvHeads;
    const frame = (item / a.kvHeads) * a.blockFrames;
    const rows = min(a.blockFrames, a.frames - frame) * group;
    const queries = scores + <usize>rows * scoreRow;
    loadQueries(a.q, a.heads, kvHead, group, frame, rows, size, a.scale, queries, queryRow);
    const keys = a.keys + ((<usize>kvHead * size) << 6);
    scoreRows(queries, queryRow, rows, size, keys, keyPanel, panels, scores, scoreRow);
    for (let r = 0; r < rows; r++) {
      const row = (kvHead * group + (r % group)) * a.frames + frame + r / group;
      memory.copy(a.y + <usize>row * rowBytes, scores + <usize>r * scoreRow, rowBytes);
    }
  }
}

@unmanaged
class ProbabilitiesArgs {
  scores: usize;
  y: usize;
  queries: i32;
  positions: i32;
  causal: i32;
  scratch: usize;
  scratchBytes: i32;
}

/** Softmax of each row over what its query sees, zeros behind it. Items: rows of all heads. */
export function attentionProbabilities(args: usize, first: i32, last: i32, thread: i32): void {
  const a = changetype<ProbabilitiesArgs>(args);
  const count = a.positions;
  const rowBytes = (<usize>count) << 2;
  const row = a.scratch + <usize>thread * a.scratchBytes;
  for (let item = first; item < last; item++) {
    const visible = a.causal ? count - a.queries + (item % a.queries) + 1 : count;
    memory.copy(row, a.scores + <usize>item * rowBytes, rowBytes);
    const inverse = softmaxRow(row, visible, (count + 15) & ~15);
    scaleRow(row, a.y + <usize>item * rowBytes, count, inverse);
  }
}

@unmanaged
class ContextArgs {
  probabilities: usize;
  values: usize;
  y: usize;
  queries: i32;
  positions: i32;
  heads: i32;
  kvHeads: i32;
  size: i32;
  /** Positions that each panel of the values has room for. */
  valueCapacity: i32;
  /** Queries per item. */
  blockFrames: i32;
  scratch: usize;
  scratchBytes: i32;
}

/** y [queries, heads · size]. Items: for each block of queries, all heads. */
export function attentionContext(args: usize, first: i32, last: i32, thread: i32): void {
  const a = changetype<ContextArgs>(args);
  const sizeBytes = (<usize>a.size) << 2;
  const outRow = (sizeBytes + 63) & ~63;
  const rowBytes = (<usize>a.positions) << 2;
  const valuePanel = (<usize>a.valueCapacity) << 6;
  const panels = (a.size + 15) >> 4;
  const outputs = a.scratch + <usize>thread * a.scratchBytes;
  for (let item = first; item < last; item++) {
    const head = item % a.heads;
    const frame = (item / a.heads) * a.blockFrames;
    const rows = min(a.blockFrames, a.queries - frame);
    const from = a.probabilities + <usize>(head * a.queries + frame) * rowBytes;
    const values = a.values + <usize>((head / (a.heads / a.kvHeads)) * panels) * valuePanel;
    contextRows(from, rowBytes, rows, a.positions, values, valuePanel, panels, outputs, outRow);
    for (let r = 0; r < rows; r++) {
      const to = a.y + <usize>((frame + r) * a.heads + head) * sizeBytes;
      memory.copy(to, outputs + <usize>r * outRow, sizeBytes);
    }
  }
}
