/** Kernels of `tensorflow`: compositions of operations, each registered once. */
import type { TensorInfo } from "@tensorflow/tfjs-core";
import { register, sizeOf } from "../../kernel.ts";
import type { KernelDefinition, Operand, Operands, Reference, Shape, Shapes } from "../../kernel.ts";
import { EagerOps } from "./eager.ts";
import type { OpBuilder, TensorValue } from "./op-builder.ts";
import { backendName } from "./native.ts";
import type { NativeBackend } from "./native.ts";

type Values<In extends string> = { readonly [name in In]?: TensorValue };

/** What a kernel does, in operations: values in, values out. */
type Compose<In extends string, Attrs extends object> = (
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
function shapesOf(inputs: { readonly [name: string]: TensorInfo | undefined }): {
  [name: string]: Shape;
} {
  const shapes: { [name: string]: Shape } = {};
  for (const [name, info] of Object.entries(inputs)) if (info !== undefined) shapes[name] = info.shape;
  return shapes;
}

const registered = new Map<string, Composition<string, object>>();

/** Those that {@link registerEager} has registered. */
export function registeredCompositions(): Iterable<Composition<string, object>> {
  return registered.values();
}

/** Registers a composition that runs at once. */
export function registerEager<In extends string, Attrs extends object>(kernel: Composition<In, Attrs>): void {
  const { definition, compose } = kernel;
  registered.set(definition.name, kernel as unknown as Composition<string, object>);
  register<NativeBackend>(definition.name, backendName, ({ inputs, attrs: named, backend }) => {
    const attrs = named as unknown as Attrs;
    definition.outputs(shapesOf(inputs) as Shapes<In>, attrs);
    const ops = new EagerOps(backend);
    try {
      const values: { [name: string]: TensorValue } = {};
      for (const [name, info] of Object.entries(inputs))
        if (info !== undefined) values[name] = ops.input(info);
      const infos = ops.finish(compose(ops, values as Values<In>, attrs));
      return infos.length === 1 ? infos[0]! : infos;
    } catch (error) {
      ops.free();
      throw error;
    }
  });
}

/** Registers the reference itself, which computes outside of TensorFlow: for kernels whose every number needs the one before. */
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
    const ops = new EagerOps(backend);
    const infos = ops.finish(results.map((values, i) => ops.upload(values, "float32", outShapes[i]!)));
    return infos.length === 1 ? infos[0]! : infos;
  });
}
