/** A float32 matrix in the memory of the kernels, row after row. */
export interface Rows {
  readonly address: number;
  readonly rows: number;
  /** Values of a row. */
  readonly width: number;
}
