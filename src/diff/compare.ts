/**
 * How far two activations are apart. Rows are feature vectors: the last dimension is the row, whatever order of
 * dimensions the container has. Non-finite values never count as agreement.
 */
import { FunAsrError } from "../errors.ts";

export interface Comparison {
  readonly name: string;
  readonly shape: readonly number[];
  /** max |a − b| */
  readonly maxAbs: number;
  /** The mean of |a − b|. */
  readonly meanAbs: number;
  /** ‖a − b‖ / ‖b‖, b being the reference; 0 for two zeros. */
  readonly relativeL2: number;
  /** Smallest cosine of corresponding rows; a row of zeros agrees with a row of zeros only. */
  readonly worstRowCosine: number;
  readonly worstRow: number;
  /** Share of rows whose largest value is in the same column. */
  readonly argmaxAgreement: number;
  /** NaN and infinite values on either side. */
  readonly nonFinite: number;
}

export interface StageValues {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** Compares an activation with its reference. Throws `difference` when the shapes differ. */
export function compare(name: string, ours: StageValues, reference: StageValues): Comparison {
  if (ours.shape.join() !== reference.shape.join()) {
    throw new FunAsrError("difference", name, `shape [${ours.shape.join(", ")}]`, {
      wanted: `[${reference.shape.join(", ")}] as in the reference`,
    });
  }
  const a = ours.values;
  const b = reference.values;
  const width = Math.max(1, ours.shape.at(-1) ?? 1);
  const rowCount = a.length / width;

  let maxAbs = 0;
  let sumAbs = 0;
  let nonFinite = 0;
  let differenceSquares = 0;
  let referenceSquares = 0;
  let worstRowCosine = 1;
  let worstRow = 0;
  let agreeing = 0;
  for (let row = 0; row < rowCount; row++) {
    let dot = 0;
    let aSquares = 0;
    let bSquares = 0;
    let aBest = 0;
    let bBest = 0;
    const start = row * width;
    for (let i = 0; i < width; i++) {
      const x = a[start + i]!;
      const y = b[start + i]!;
      if (!Number.isFinite(x) || !Number.isFinite(y)) nonFinite++;
      const distance = Math.abs(x - y);
      maxAbs = Math.max(maxAbs, distance);
      sumAbs += distance;
      differenceSquares += (x - y) ** 2;
      dot += x * y;
      aSquares += x * x;
      bSquares += y * y;
      if (x > a[start + aBest]!) aBest = i;
      if (y > b[start + bBest]!) bBest = i;
    }
    referenceSquares += bSquares;
    const cosine = rowCosine(dot, aSquares, bSquares);
    if (!(cosine >= worstRowCosine)) {
      worstRowCosine = cosine;
      worstRow = row;
    }
    if (aBest === bBest) agreeing++;
  }
  const relativeL2 = differenceSquares === 0 ? 0 : Math.sqrt(differenceSquares / referenceSquares);
  const argmaxAgreement = rowCount === 0 ? 1 : agreeing / rowCount;
  return {
    name,
    shape: ours.shape,
    maxAbs,
    meanAbs: a.length === 0 ? 0 : sumAbs / a.length,
    relativeL2,
    worstRowCosine,
    worstRow,
    argmaxAgreement,
    nonFinite,
  };
}

function rowCosine(dot: number, aSquares: number, bSquares: number): number {
  if (aSquares === 0 && bSquares === 0) return 1;
  if (aSquares === 0 || bSquares === 0) return 0;
  return Math.min(1, dot / Math.sqrt(aSquares * bSquares));
}
