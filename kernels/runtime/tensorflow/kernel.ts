/** How the `tensorflow` files of the kernels are written: as compositions of operations, each registered once. */
import type { TensorInfo } from "@tensorflow/tfjs-core";
import { register, sizeOf } from "../../kernel.ts";
import type { KernelDefinition, Operand, Operands, Reference, Shape, Shapes } from "../../kernel.ts";
import { EagerOps } from "./eager.ts";
import type { OpBuilder, TensorValue } from "./flow.ts";
import { backendName } from "./native.ts";
import type { NativeBackend } from "./native.ts";

export type Values<In extends string> = { readonly [name in In]?: TensorValue };

/** What a kernel does, in operations: values in, values out. */
export type Compose<In extends string, Attrs extends object> = (
  f: OpBuilder,
  inputs: Values<In>,
  attrs: Attrs,
) => readonly TensorValue[];

export interface Composition<In extends string, Attrs extends object> {
  readonly definition: KernelDefinition<In, Attrs>;
  readonly compose: Compose<In, Attrs>;
}

export function composition<In extends string, Attrs extends object>(
  definition: KernelDefinition<In, Attrs>,
  compose: Compose<In, Attrs>,
): Composition<In, Attrs> {
  return { definition, compose };
}

/** The shapes of the inputs that were given, by name. */
export function shapesOf(inputs: { readonly [name: string]: TensorInfo | undefined }): {
  [name: string]: Shape;
} {
  const shapes: { [name: string]: Shape } = {};
  for (const [name, info] of Object.entries(inputs)) if (info !== undefined) shapes[name] = info.shape;
  return shapes;
}

/** Registers a composition that runs at once. */
export function registerEager<In extends string, Attrs extends object>({
  definition,
  compose,
}: Composition<In, Attrs>): void {
  register<NativeBackend>(definition.name, backendName, ({ inputs, attrs: named, backend }) => {
    const attrs = named as unknown as Attrs;
    definition.outputs(shapesOf(inputs) as Shapes<In>, attrs);
    const flow = new EagerOps(backend);
    try {
      const values: { [name: string]: TensorValue } = {};
      for (const [name, info] of Object.entries(inputs))
        if (info !== undefined) values[name] = flow.input(info);
      const infos = flow.finish(compose(flow, values as Values<In>, attrs));
      return infos.length === 1 ? infos[0]! : infos;
    } catch (error) {
      flow.free();
      throw error;
    }
  });
}

/** Registers the reference itself, which computes on the host: for steps that follow one another, number by number. */
export function registerReference<In extends string, Attrs extends object>(
  { name, outputs }: KernelDefinition<In, Attrs>,
  reference: Reference<In, Attrs>,
): void {
  register<NativeBackend>(name, backendName, ({ inputs, attrs: named, backend }) => {
    const attrs = named as unknown as Attrs;
    const shapes = shapesOf(inputs);
    const outShapes = outputs(shapes as Shapes<In>, attrs);
    const operands: { [input: string]: Operand } = {};
    for (const [input, info] of Object.entries(inputs)) {
      if (info !== undefined)
        operands[input] = { values: backend.readSync(info.dataId) as Float32Array, shape: info.shape };
    }
    const results = outShapes.map((shape) => new Float32Array(sizeOf(shape)));
    reference(operands as Operands<In>, attrs, results);
    const flow = new EagerOps(backend);
    const infos = flow.finish(results.map((values, i) => flow.upload(values, "float32", outShapes[i]!)));
    return infos.length === 1 ? infos[0]! : infos;
  });
}
