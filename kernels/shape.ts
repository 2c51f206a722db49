/** Lengths of a tensor's dimensions, the last of which is contiguous in memory. */
export type Shape = readonly number[];

/** The number of values in a tensor of this shape. */
export function sizeOf(shape: Shape): number {
  return shape.reduce((product, length) => product * length, 1);
}
