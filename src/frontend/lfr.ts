/**
 * Low frame rate: each output row is `m` consecutive frames side by side, and rows start every `n` frames.
 * Upstream's `apply_lfr`: the first frame is repeated (m - 1) / 2 times on the left, the last one as needed on the
 * right. sherpa-onnx repeats nothing and drops the frames that do not fill a row.
 */
import type { Matrix } from "./fbank.ts";

export interface LfrConfig {
  readonly m: number;
  readonly n: number;
  /** Repeat the edge frames (upstream), or use whole windows only (sherpa-onnx). */
  readonly pad: boolean;
}

/** The number of rows of `frames` frames. */
export function lfrRows(frames: number, { m, n, pad }: LfrConfig): number {
  if (pad) return Math.ceil(frames / n);
  return frames < m ? 0 : Math.floor((frames - m) / n) + 1;
}

/** feats[i][j] = frames[clamp(n·i + j - ⌊(m - 1) / 2⌋, 0, rows - 1)], j < m. */
export function stackFrames(frames: Matrix, config: LfrConfig): Matrix {
  const { m, n, pad } = config;
  const { values, cols } = frames;
  const rows = lfrRows(frames.rows, config);
  const offset = pad ? Math.floor((m - 1) / 2) : 0;
  const stacked = new Float32Array(rows * m * cols); // [T, m · mel]
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < m; j++) {
      const from = Math.min(Math.max(n * i + j - offset, 0), frames.rows - 1);
      stacked.set(values.subarray(from * cols, (from + 1) * cols), (i * m + j) * cols);
    }
  }
  return { values: stacked, rows, cols: m * cols };
}
