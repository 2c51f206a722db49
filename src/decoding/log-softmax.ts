/** Logits to log probabilities, row by row and in place: x − log Σ e^x, shifted by the row's maximum. */
export function logSoftmaxRows(logits: Float32Array, width: number): Float32Array {
  for (let start = 0; start < logits.length; start += width) {
    const row = logits.subarray(start, start + width);
    let largest = -Infinity;
    for (const value of row) largest = Math.max(largest, value);
    let sum = 0;
    for (const value of row) sum += Math.exp(value - largest);
    const shift = largest + Math.log(sum);
    for (let i = 0; i < width; i++) row[i] = row[i]! - shift;
  }
  return logits;
}

/** The log probability of one of the logits: x − log Σ e^x. */
export function logProbability(logits: Float32Array, id: number): number {
  let largest = -Infinity;
  for (let i = 0; i < logits.length; i++) if (logits[i]! > largest) largest = logits[i]!;
  let sum = 0;
  for (let i = 0; i < logits.length; i++) sum += Math.exp(logits[i]! - largest);
  return logits[id]! - largest - Math.log(sum);
}
