/**
 * The constants of a graph: its initializers, and the results of Identity, Cast, Transpose and DequantizeLinear on them.
 * Integers keep the scales that turn them into weights again: `(q − zero point) · scale`.
 */
import type { OnnxModel, OnnxNode } from "./model.ts";
import type { OnnxTensor } from "./tensor.ts";

export interface Constant {
  /** The initializer's name, without what a quantizer appends. */
  readonly name: string;
  readonly tensor: OnnxTensor;
  /** Whether a Transpose follows it. */
  readonly isTransposed: boolean;
  readonly scaling?: Scaling;
}

/** Of integers: one scale and zero point for all, or one for each index of `axis`; without a zero point it is 0. */
export interface Scaling {
  readonly scale: OnnxTensor;
  readonly zeroPoint: OnnxTensor | undefined;
  readonly axis: number;
}

export type Constants = ReadonlyMap<string, Constant>;

const integerSuffix = /_quantized$/;

/** By the name under which nodes take them. */
export function constantsOf(model: OnnxModel): Constants {
  const constants = new Map<string, Constant>();
  for (const tensor of model.tensors.values()) {
    constants.set(tensor.name, { name: tensor.name.replace(integerSuffix, ""), tensor, isTransposed: false });
  }
  for (const node of model.nodes) {
    const source = constants.get(node.inputs[0] ?? "");
    const [output] = node.outputs;
    if (source === undefined || output === undefined) continue;
    const made = follow(node, source, constants);
    if (made !== undefined) constants.set(output, made);
  }
  return constants;
}

function follow(node: OnnxNode, source: Constant, constants: Constants): Constant | undefined {
  switch (node.type) {
    case "Identity":
    case "Cast":
      return source;
    case "Transpose":
      return source.tensor.shape.length === 2 ? { ...source, isTransposed: !source.isTransposed } : undefined;
    case "DequantizeLinear": {
      const scale = constants.get(node.inputs[1] ?? "")?.tensor;
      const zeroPoint = constants.get(node.inputs[2] ?? "")?.tensor;
      const axis = node.integers.get("axis") ?? 1;
      return scale === undefined ? undefined : { ...source, scaling: { scale, zeroPoint, axis } };
    }
    default:
      return undefined;
  }
}
