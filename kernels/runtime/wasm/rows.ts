/** A float32 matrix in the memory of the kernels, row after row. */
export interface Rows {
  readonly address: number;
  readonly rows: number;
  /** Values of a row. */
  readonly width: number;
}

/** `count` rows of a matrix from `first` on. */
export function rowsFrom({ address, width }: Rows, first: number, count: number): Rows {
  return { address: address + first * width * 4, rows: count, width };
}
