/** What the front end passes on: rows of float32, one after the other. */
export interface Matrix {
  readonly values: Float32Array; // [rows, cols]
  readonly rows: number;
  readonly cols: number;
}
