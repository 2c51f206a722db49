/**
 * Weights of LSTM nodes as PyTorch has them: one tensor for each direction and use in place of three for the node, and the
 * gates in the order input, forget, cell, output in place of ONNX's input, output, forget, cell.
 */
import type { TensorEntry } from "../../../src/checkpoints/checkpoint.ts";
import { malformed } from "../../../src/checkpoints/malformed.ts";
import type { TensorData } from "./data.ts";
import type { OnnxModel, OnnxNode } from "./model.ts";
import { moduleAt } from "./paths.ts";
import type { OnnxTensor } from "./tensor.ts";

/** ONNX's place of PyTorch's gates. */
const gates = [0, 2, 3, 1] as const;
const directions = ["", "_reverse"];

/** Of layers whose nodes have the paths of their modules. Throws `checkpoint_malformed` for weights of other sizes. */
export async function lstmEntries(model: OnnxModel, data: TensorData): Promise<readonly TensorEntry[]> {
  const layers = model.nodes.flatMap((node) => layerOf(node, model));
  await data.check(layers.flatMap(({ weights }) => weights));
  return layers.flatMap((layer) => entriesOf(layer, data));
}

interface Layer {
  readonly module: string;
  /** Of the input [directions, 4 H, I] and of the state [directions, 4 H, H]; both biases [directions, 8 H]. */
  readonly weights: readonly [OnnxTensor, OnnxTensor, OnnxTensor];
}

function layerOf({ type, name, inputs }: OnnxNode, { tensors }: OnnxModel): readonly Layer[] {
  const module = moduleAt(name);
  if (type !== "LSTM" || module === undefined) return [];
  const [input, state, bias] = inputs.slice(1, 4).map((at) => tensors.get(at));
  return input === undefined || state === undefined || bias === undefined
    ? []
    : [{ module, weights: [input, state, bias] }];
}

function entriesOf({ module, weights }: Layer, data: TensorData): readonly TensorEntry[] {
  const [input, state, bias] = weights;
  const [count = 0, , columns = 0] = input.shape;
  const size = state.shape[2] ?? 0;
  const rows = gates.length * size;
  const wanted = [
    [count, rows, columns],
    [count, rows, size],
    [count, 2 * rows],
  ];
  for (const [at, tensor] of weights.entries())
    if (tensor.type !== "float" || tensor.shape.join() !== wanted[at]?.join() || count > directions.length)
      throw malformed(
        data.where(tensor),
        `${tensor.type} [${tensor.shape.join(", ")}]`,
        `weights of an LSTM: float [${wanted[at]?.join(", ")}]`,
      );
  return directions
    .slice(0, count)
    .flatMap((suffix, direction) => [
      part(data, input, `${module}.weight_ih_l0${suffix}`, direction, size),
      part(data, state, `${module}.weight_hh_l0${suffix}`, direction, size),
      part(data, bias, `${module}.bias_ih_l0${suffix}`, 2 * direction, size),
      part(data, bias, `${module}.bias_hh_l0${suffix}`, 2 * direction + 1, size),
    ]);
}

/** Group `group` of four gates of `size` rows each; a row of a bias is one value. */
function part(data: TensorData, tensor: OnnxTensor, name: string, group: number, size: number): TensorEntry {
  const columns = tensor.shape.length === 3 ? (tensor.shape[2] ?? 0) : 1;
  const gateBytes = 4 * size * columns;
  const begin = group * gates.length * gateBytes;
  return {
    name,
    shape: tensor.shape.length === 3 ? [gates.length * size, columns] : [gates.length * size],
    format: "F32",
    byteLength: gates.length * gateBytes,
    async read(target, signal) {
      signal?.throwIfAborted();
      for (const [at, gate] of gates.entries())
        await data.read(
          tensor,
          begin + gate * gateBytes,
          target.subarray(at * gateBytes, (at + 1) * gateBytes),
        );
    },
  };
}
