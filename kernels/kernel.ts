/**
 * What a kernel is: a name under which every backend registers it with TensorFlow.js, a shape rule, and a reference
 * that defines its result. Activations are float32 [T, D], one utterance at a time; a weight matrix is whatever the
 * backend's {@link WeightStore} returned for it.
 */
import { getKernel, registerKernel } from "./tensorflow-js.ts";
import type { KernelBackend, NamedAttrMap, NamedTensorInfoMap, TensorInfo } from "@tensorflow/tfjs-core";
import { RuntimeError } from "../src/errors.ts";
import type { Shape } from "./shape.ts";

export { sizeOf } from "./shape.ts";
export type { Shape } from "./shape.ts";

/** Input shapes by name; an optional input that was not given is absent. */
export type Shapes<In extends string> = { readonly [name in In]?: Shape };

export interface KernelDefinition<In extends string, Attrs extends object> {
  readonly name: string;
  /** The outputs' shapes. Throws `kernel_arguments` when inputs and attributes do not fit together. */
  readonly outputs: (inputs: Shapes<In>, attrs: Attrs) => readonly Shape[];
}

/** A tensor in plain memory: float32 values, or the raw blocks of a packed weight matrix. */
export interface Operand {
  readonly values: Float32Array | Uint8Array;
  readonly shape: Shape;
}

export type Operands<In extends string> = { readonly [name in In]?: Operand };

/** Plain loops that define the result: reads the operands, fills the outputs (zeroed, in the shapes of the rule). */
export type Reference<In extends string, Attrs extends object> = (
  inputs: Operands<In>,
  attrs: Attrs,
  outputs: readonly Float32Array[],
) => void;

/** A registered implementation, with TensorFlow.js's types. */
export type KernelFunction<Backend extends KernelBackend> = (call: {
  inputs: NamedTensorInfoMap;
  attrs: NamedAttrMap;
  backend: Backend;
}) => TensorInfo | TensorInfo[];

/** Registers `run` as `name` on a backend, once. */
export function register<Backend extends KernelBackend>(
  name: string,
  backendName: string,
  run: KernelFunction<Backend>,
): void {
  if (getKernel(name, backendName) !== undefined) return;
  registerKernel({
    kernelName: name,
    backendName,
    kernelFunc: ({ inputs, attrs, backend }) =>
      run({ inputs, attrs: attrs ?? {}, backend: backend as Backend }),
  });
}

/** Throws `kernel_arguments` unless `fits`. */
export function demand(fits: boolean, kernel: string, found: string, wanted: string): asserts fits {
  if (!fits) throw new RuntimeError("kernel_arguments", kernel, found, { wanted });
}

/** The shape of a required input. */
export function required<In extends string>(kernel: string, inputs: Shapes<In>, name: In): Shape {
  const shape = inputs[name];
  if (shape === undefined) throw new RuntimeError("kernel_arguments", kernel, `missing input ${name}`);
  return shape;
}

/** Rows and columns of a matrix [T, D]. */
export function matrix<In extends string>(
  kernel: string,
  inputs: Shapes<In>,
  name: In,
): readonly [rows: number, columns: number] {
  const shape = required(kernel, inputs, name);
  const [rows, columns] = shape;
  const isMatrix = shape.length === 2 && rows !== undefined && columns !== undefined;
  demand(isMatrix, kernel, `${name} is [${shape.join(", ")}]`, "a matrix [T, D]");
  return [rows, columns];
}

/** The values of a required float32 operand; the shape rule has checked that it is there. */
export function floats<In extends string>(inputs: Operands<In>, name: In): Float32Array {
  return inputs[name]?.values as Float32Array;
}
