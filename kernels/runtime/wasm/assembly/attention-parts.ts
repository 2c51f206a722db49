/**
 * The parts of attention.ts as kernels, for hooks on the values between them. Scores are computed by the same products in
 * the same order, so they have the bytes that attention itself computes.
 */
import { contextRows, loadQueries, scaleRow, scoreRows, softmaxRow } from "./attention";
import { AttentionContextArgs, AttentionProbabilitiesArgs, AttentionScoresArgs } from "./structs";

/** y [heads, frames, length]. Items: for each block of frames, all key/value heads. */
export function attentionScores(args: usize, first: i32, last: i32, thread: i32): void {
  const a = changetype<AttentionScoresArgs>(args);
  const group = a.heads / a.kvHeads;
  const headDim = a.headDim;
  const panels = (a.length + 15) >> 4;
  const scoreRow = (<usize>panels) << 6;
  const queryRow = (<usize>headDim * 4 + 63) & ~63;
  const keyPanel = (<usize>a.kvHeads * headDim) << 6;
  const rowBytes = (<usize>a.length) << 2;
  const scores = a.scratch + <usize>thread * a.scratchBytes;
  for (let item = first; item < last; item++) {
    const kvHead = item % a.kvHeads;
    const frame = (item / a.kvHeads) * a.blockFrames;
    const rows = min(a.blockFrames, a.frames - frame) * group;
    const queries = scores + <usize>rows * scoreRow;
    loadQueries(a.q, a.heads, kvHead, group, frame, rows, headDim, a.scale, queries, queryRow);
    const keys = a.keys + ((<usize>kvHead * headDim) << 6);
    scoreRows(queries, queryRow, rows, headDim, keys, keyPanel, panels, scores, scoreRow);
    for (let r = 0; r < rows; r++) {
      const row = (kvHead * group + (r % group)) * a.frames + frame + r / group;
      memory.copy(a.y + <usize>row * rowBytes, scores + <usize>r * scoreRow, rowBytes);
    }
  }
}

/** Softmax of each row over the positions visible to its query, then zeros. Items: rows of all heads. */
export function attentionProbabilities(args: usize, first: i32, last: i32, thread: i32): void {
  const a = changetype<AttentionProbabilitiesArgs>(args);
  const count = a.length;
  const rowBytes = (<usize>count) << 2;
  const row = a.scratch + <usize>thread * a.scratchBytes;
  for (let item = first; item < last; item++) {
    const visible = a.causal ? count - a.frames + (item % a.frames) + 1 : count;
    memory.copy(row, a.scores + <usize>item * rowBytes, rowBytes);
    const inverse = softmaxRow(row, visible, (count + 15) & ~15);
    scaleRow(row, a.y + <usize>item * rowBytes, count, inverse);
  }
}

/** y [queries, heads · headDim]. Items: for each block of queries, all heads. */
export function attentionContext(args: usize, first: i32, last: i32, thread: i32): void {
  const a = changetype<AttentionContextArgs>(args);
  const headBytes = (<usize>a.headDim) << 2;
  const outRow = (headBytes + 63) & ~63;
  const rowBytes = (<usize>a.length) << 2;
  const valuePanel = (<usize>a.valueCapacity) << 6;
  const panels = (a.headDim + 15) >> 4;
  const outputs = a.scratch + <usize>thread * a.scratchBytes;
  for (let item = first; item < last; item++) {
    const head = item % a.heads;
    const frame = (item / a.heads) * a.blockFrames;
    const rows = min(a.blockFrames, a.frames - frame);
    const from = a.probabilities + <usize>(head * a.frames + frame) * rowBytes;
    const values = a.values + <usize>((head / (a.heads / a.kvHeads)) * panels) * valuePanel;
    contextRows(from, rowBytes, rows, a.length, values, valuePanel, panels, outputs, outRow);
    for (let r = 0; r < rows; r++) {
      const to = a.y + <usize>((frame + r) * a.heads + head) * headBytes;
      memory.copy(to, outputs + <usize>r * outRow, headBytes);
    }
  }
}
