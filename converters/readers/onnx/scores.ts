/**
 * Whether a graph scales its attention scores. An exporter may have put the scale into the weights of queries and keys
 * instead; then none is left on the way from their projections to the softmax.
 */
import { constantsOf } from "./constants.ts";
import type { Constants } from "./constants.ts";
import { Graph } from "./graph.ts";
import type { OnnxModel, OnnxNode } from "./model.ts";

/** Operators with more than one input that is an activation; of all others the first one counts. */
const joining: ReadonlySet<string> = new Set(["MatMul", "Add", "Where"]);
const scaling: ReadonlySet<string> = new Set([
  "Mul",
  "Div",
  "FusedMatMul",
  "Attention",
  "MultiHeadAttention",
]);
/** From a softmax to a projection: the product, a mask, heads split and transposed. */
const farthest = 16;

/** Looks at the first softmax; true too where there is none. */
export function scalesScores(model: OnnxModel): boolean {
  const softmax = model.nodes.find(({ type }) => type === "Softmax");
  if (softmax === undefined) return true;
  const graph = new Graph(model);
  const constants = constantsOf(model);
  const seen = new Set<OnnxNode>();

  const isScaled = (value: string, steps: number): boolean => {
    const node = graph.producer(value);
    if (node === undefined || seen.has(node) || steps > farthest || isProjection(node, constants))
      return false;
    seen.add(node);
    if (scaling.has(node.type)) return true;
    const inputs = joining.has(node.type) ? node.inputs : node.inputs.slice(0, 1);
    return inputs.some((input) => isScaled(input, steps + 1));
  };
  return isScaled(softmax.inputs[0] ?? "", 0);
}

function isProjection({ type, inputs }: OnnxNode, constants: Constants): boolean {
  return type === "Add" && inputs.slice(0, 2).some((input) => constants.get(input)?.name.endsWith(".bias"));
}
