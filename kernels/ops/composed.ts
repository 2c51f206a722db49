/** References of fused kernels, composed of those of their parts. */
import { sizeOf } from "../kernel.ts";
import type { KernelDefinition, Operand, Reference, Shapes } from "../kernel.ts";

/** The result of a kernel's reference, as an operand of the next one. */
export function resultOf<In extends string, Attrs extends object>(
  { outputs }: KernelDefinition<In, Attrs>,
  reference: Reference<In, Attrs>,
  inputs: { readonly [name in In]?: Operand },
  attrs: Attrs,
): Operand {
  const shapes: { [name: string]: readonly number[] } = {};
  for (const [name, operand] of Object.entries(inputs)) shapes[name] = (operand as Operand).shape;
  const shape = outputs(shapes as Shapes<In>, attrs)[0]!;
  const values = new Float32Array(sizeOf(shape));
  reference(inputs, attrs, [values]);
  return { values, shape };
}

/** Elementwise sum. */
export function sumOf(a: Operand, b: Operand): Operand {
  return { values: (a.values as Float32Array).map((value, i) => value + b.values[i]!), shape: a.shape };
}
