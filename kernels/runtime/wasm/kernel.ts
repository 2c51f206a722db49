/** Registration of the kernels of this backend: applies the shape rule and allocates the outputs. */
import type { TensorInfo } from "@tensorflow/tfjs-core";
import { register, sizeOf } from "../../kernel.ts";
import type {
  KernelDefinition,
  KernelFunction,
  Operand,
  Operands,
  Reference,
  Shape,
  Shapes,
} from "../../kernel.ts";
import type { WasmBackend } from "./backend.ts";
import type { Rows } from "./rows.ts";
import type { WasmRuntime } from "./runtime.ts";

export const backendName = "wasm";

export interface WasmCall<In extends string, Attrs extends object> {
  readonly backend: WasmBackend;
  readonly runtime: WasmRuntime;
  readonly inputs: { readonly [name in In]?: TensorInfo };
  readonly attrs: Attrs;
  readonly shapes: Shapes<In>;
  /** Address of an input's values, or 0 without such an input. */
  readonly at: (name: In) => number;
  /** An input that is a matrix. */
  readonly rows: (name: In) => Rows;
  /** Addresses of the outputs, and their shapes. */
  readonly outputs: readonly number[];
  readonly outputShapes: readonly Shape[];
}

/** Registers `run`, which fills the outputs, for a kernel on this backend. */
export function define<In extends string, Attrs extends object>(
  definition: KernelDefinition<In, Attrs>,
  run: (call: WasmCall<In, Attrs>) => void,
): void {
  register<WasmBackend>(definition.name, backendName, implementation(definition, run));
}

/** What `define` registers. */
export function implementation<In extends string, Attrs extends object>(
  { outputs: shapeRule }: KernelDefinition<In, Attrs>,
  run: (call: WasmCall<In, Attrs>) => void,
): KernelFunction<WasmBackend> {
  return ({ inputs: given, attrs: named, backend }) => {
    const inputs = given as { readonly [input in In]?: TensorInfo };
    const attrs = named as unknown as Attrs;
    const shapes: { [input in In]?: Shape } = {};
    for (const input in inputs) {
      const info = inputs[input];
      if (info !== undefined) shapes[input] = info.shape;
    }
    const outputShapes = shapeRule(shapes, attrs);
    const at = (input: In): number => {
      const info = inputs[input];
      return info === undefined ? 0 : backend.address(info);
    };
    const rows = (input: In): Rows => {
      const [count, width] = shapes[input] as readonly [number, number];
      return { address: at(input), rows: count, width };
    };
    const infos: TensorInfo[] = [];
    const outputs: number[] = [];
    try {
      for (const shape of outputShapes) {
        const info = backend.allocate(shape);
        infos.push(info);
        outputs.push(backend.address(info));
      }
      const { runtime } = backend;
      run({ backend, runtime, inputs, attrs, shapes, at, rows, outputs, outputShapes });
    } catch (error) {
      for (const { dataId } of infos) backend.disposeData(dataId);
      throw error;
    }
    return infos.length === 1 ? infos[0]! : infos;
  };
}

/** Registers the reference itself, on the backend's memory: for kernels whose time does not matter. */
export function defineByReference<In extends string, Attrs extends object>(
  definition: KernelDefinition<In, Attrs>,
  reference: Reference<In, Attrs>,
): void {
  define(definition, ({ runtime, at, attrs, shapes, outputs, outputShapes }) => {
    const operands: { [input in In]?: Operand } = {};
    for (const input in shapes) {
      const shape = shapes[input]!;
      operands[input] = { values: runtime.floats(at(input), sizeOf(shape)), shape };
    }
    const results = outputs.map((y, i) => runtime.floats(y, sizeOf(outputShapes[i]!)).fill(0));
    reference(operands as Operands<In>, attrs, results);
  });
}
