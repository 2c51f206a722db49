/** How the 8-bit products multiply on this machine, and what follows for their operands. */

/** Result of the probe (assembly/probe.ts): the relaxed dot product takes its second operand as … */
const dotKinds = { unusable: 0, unsigned: 1, signed: 2 } as const;

export interface Q8Arithmetic {
  /** 1 where weights are multiplied as 16-bit integers; rows of a group then lie in another order. */
  readonly int16: 0 | 1;
  /** XORed with each four weights: the unsigned dot product needs q + 128. */
  readonly signFlip: number;
  /** Factor of the sums of activations that accumulators begin with, to cancel the 128. */
  readonly sumFactor: number;
}

export function q8Arithmetic(dot: number): Q8Arithmetic {
  const isUnsigned = dot === dotKinds.unsigned;
  return {
    int16: dot === dotKinds.unusable ? 1 : 0,
    signFlip: isUnsigned ? 0x80808080 : 0,
    sumFactor: isUnsigned ? -128 : 0,
  };
}
