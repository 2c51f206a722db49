/**
 * Names for an exported model's initialisers. The exporter keeps the names of biases, norms and convolutions, but
 * turns the matrix of a linear layer round and leaves it without one: it is known by its place, in front of the
 * addition of a bias that has a name.
 */
import type { OnnxModel, OnnxNode, OnnxTensor } from "./model.ts";

export interface NamedTensor {
  readonly name: string;
  readonly tensor: OnnxTensor;
  /** Whether the matrix lies [in, out], as MatMul takes it. */
  readonly turned: boolean;
}

/** What may stand between a product and the addition of its bias. */
const passing: ReadonlySet<string> = new Set(["Cast", "Identity"]);
const farthest = 4;

/** Weights under the names of their modules; constants without a name or a named neighbour are left out. */
export function nameTensors(model: OnnxModel): ReadonlyMap<string, NamedTensor> {
  const named = new Map<string, NamedTensor>();
  const add = (name: string, tensor: OnnxTensor, turned: boolean): void => {
    if (!named.has(name)) named.set(name, { name, tensor, turned });
  };
  const consumers = consumersOf(model.nodes);
  for (const node of model.nodes) {
    const matrix = node.inputs
      .map((input) => model.tensors.get(input))
      .find((tensor) => tensor?.shape.length === 2);
    if (matrix === undefined) continue;
    if (node.type === "MatMul" && !isWeightName(matrix.name)) {
      const bias = biasBehind(node, model, consumers);
      if (bias !== undefined) add(bias.replace(/\.bias$/, ".weight"), matrix, true);
    } else if (node.type === "Gemm" && node.integers.get("transB") !== 1) {
      const bias = model.tensors.get(node.inputs[2] ?? "")?.name;
      if (bias?.endsWith(".bias") === true) add(bias.replace(/\.bias$/, ".weight"), matrix, true);
    }
  }
  for (const tensor of model.tensors.values()) {
    if (/\.(weight|bias)$/.test(tensor.name)) add(tensor.name, tensor, false);
  }
  return named;
}

function isWeightName(name: string): boolean {
  return name.endsWith(".weight");
}

function consumersOf(nodes: readonly OnnxNode[]): ReadonlyMap<string, readonly OnnxNode[]> {
  const consumers = new Map<string, OnnxNode[]>();
  for (const node of nodes) {
    for (const input of node.inputs) {
      const known = consumers.get(input);
      if (known === undefined) consumers.set(input, [node]);
      else known.push(node);
    }
  }
  return consumers;
}

/** The name of the bias that is added to the product, if it has one that says where it belongs. */
function biasBehind(
  product: OnnxNode,
  model: OnnxModel,
  consumers: ReadonlyMap<string, readonly OnnxNode[]>,
): string | undefined {
  let node: OnnxNode | undefined = product;
  for (let step = 0; step < farthest && node !== undefined; step++) {
    const next: readonly OnnxNode[] = consumers.get(node.outputs[0] ?? "") ?? [];
    const sum = next.find(({ type }) => type === "Add");
    const bias = sum?.inputs
      .map((input) => model.tensors.get(input))
      .find((tensor) => tensor?.name.endsWith(".bias"));
    if (bias !== undefined) return bias.name;
    node = next.find(({ type }) => passing.has(type));
  }
  return undefined;
}
