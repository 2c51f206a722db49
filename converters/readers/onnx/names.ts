/**
 * Names for an exported model's weights. Exporters keep the names of biases, norms and convolutions, but transpose the
 * matrix of a linear layer and drop its name: it is identified by the named bias that is added to its product, or, where
 * the layer has none, by the name of the product, which is the path of modules to it. Weights of norms that a model casts
 * lose their names too, and are identified by that path. Quantizers replace the product by other operators, which take
 * integers.
 */
import { constantsOf } from "./constants.ts";
import type { Constant, Constants, Scaling } from "./constants.ts";
import { Graph } from "./graph.ts";
import { moduleAt, moduleBehind, weightOf } from "./paths.ts";
import type { OnnxModel, OnnxNode } from "./model.ts";
import type { OnnxTensor } from "./tensor.ts";

export interface NamedTensor {
  readonly name: string;
  readonly tensor: OnnxTensor;
  /** Whether the matrix is stored as [in, out], as MatMul takes it. */
  readonly isTransposed: boolean;
  readonly scaling?: Scaling;
  readonly nibbles?: Nibbles;
}

/** MatMulNBits: rows [out, in] of 4-bit values, `block` of them to a scale and a zero point (8 where there is none). */
export interface Nibbles {
  readonly rows: number;
  readonly columns: number;
  readonly block: number;
  readonly scale: OnnxTensor;
  readonly zeroPoint: OnnxTensor | undefined;
}

/** What may stand between a product and the addition of its bias: casts, the scale of an integer product, rounding. */
const passing: ReadonlySet<string> = new Set([
  "Cast",
  "Identity",
  "Mul",
  "QuantizeLinear",
  "DequantizeLinear",
]);
const maxSteps = 6;

/** Weights under the names of their modules; constants without a name or a named neighbor are left out. */
export function nameTensors(model: OnnxModel): ReadonlyMap<string, NamedTensor> {
  return new Namer(model).tensors;
}

class Namer {
  readonly tensors = new Map<string, NamedTensor>();
  readonly #constants: Constants;
  readonly #graph: Graph;

  constructor(model: OnnxModel) {
    this.#constants = constantsOf(model);
    this.#graph = new Graph(model);
    for (const node of model.nodes) this.#visit(node);
    for (const constant of this.#constants.values()) {
      const { name, tensor, scaling } = constant;
      if (/\.(weight|bias)$/.test(name) && (scaling !== undefined || !isInteger(tensor)))
        this.#add(name, constant, false);
    }
  }

  #visit(node: OnnxNode): void {
    switch (node.type) {
      case "MatMul":
        this.#product(node);
        break;
      case "Gemm": {
        const matrix = this.#constant(node, 1);
        const bias = this.#constant(node, 2);
        if (matrix === undefined || bias === undefined || node.integers.get("transB") === 1) break;
        this.#add(weightOf(bias.name), matrix, true);
        break;
      }
      case "Gather":
        this.#rows(node);
        break;
      case "LayerNormalization":
        this.#norm(node, 1, "weight");
        this.#norm(node, 2, "bias");
        break;
      case "Mul":
      case "Add":
        for (const at of [0, 1]) this.#norm(node, at, node.type === "Mul" ? "weight" : "bias");
        break;
      case "MatMulInteger":
      case "ConvInteger":
        this.#integers(node, node.type === "MatMulInteger");
        break;
      case "MatMulNBits":
        this.#nibbles(node);
        break;
    }
  }

  #product(node: OnnxNode): void {
    const matrix = [0, 1]
      .map((at) => this.#constant(node, at))
      .find((input) => input?.tensor.shape.length === 2);
    if (matrix === undefined || matrix.name.endsWith(".weight")) return;
    const name = this.#nameOf(node);
    if (name !== undefined) this.#add(name, matrix, true);
  }

  /** The name of the matrix that a product takes. */
  #nameOf(product: OnnxNode): string | undefined {
    const bias = this.#biasAfter(product);
    if (bias !== undefined) return weightOf(bias);
    const module = moduleAt(product.name) ?? moduleBehind(this.#biasBefore(product));
    return module === undefined ? undefined : `${module}.weight`;
  }

  /** An embedding that was exported alone, of which its weight is left; integers become floats behind the look-up. */
  #rows(node: OnnxNode): void {
    const rows = this.#constant(node, 0);
    if (rows?.name !== "weight" || rows.tensor.shape.length !== 2) return;
    const behind = this.#graph.followers(node).find(({ type }) => type === "DequantizeLinear");
    const scale = behind === undefined ? undefined : this.#constant(behind, 1)?.tensor;
    const zeroPoint = behind === undefined ? undefined : this.#constant(behind, 2)?.tensor;
    const scaling = scale === undefined ? {} : { scaling: { scale, zeroPoint, axis: 0 } };
    this.#add("embedding.weight", { ...rows, ...scaling }, false);
  }

  /** A vector of a norm whose node has the path of its module. */
  #norm(node: OnnxNode, at: number, part: string): void {
    const vector = this.#constant(node, at);
    const module = moduleAt(node.name);
    if (vector?.tensor.shape.length !== 1 || !/norm\d*$/i.test(module ?? "")) return;
    if (!/\.(weight|bias)$/.test(vector.name)) this.#add(`${module}.${part}`, vector, false);
  }

  /** (x, w, zero point of x, zero point of w); the scale is in the factor that follows. */
  #integers(node: OnnxNode, isMatrix: boolean): void {
    const integers = this.#constant(node, 1);
    const scale = this.#scaleAfter(node);
    if (integers === undefined || scale === undefined) return;
    const zeroPoint = this.#constant(node, 3)?.tensor;
    const constant = { ...integers, scaling: { scale, zeroPoint, axis: isMatrix ? 1 : 0 } };
    const name = (isMatrix ? this.#nameOf(node) : undefined) ?? integers.name;
    if (name.endsWith(".weight")) this.#add(name, constant, isMatrix);
  }

  /** (x, w, scales, zero points). */
  #nibbles(node: OnnxNode): void {
    const matrix = this.#constant(node, 1);
    const scale = this.#constant(node, 2)?.tensor;
    const bias = this.#biasAfter(node);
    const [rows, columns, block] = ["N", "K", "block_size"].map((key) => node.integers.get(key) ?? 0) as [
      number,
      number,
      number,
    ];
    if (matrix === undefined || scale === undefined || bias === undefined) return;
    if ((node.integers.get("bits") ?? 4) !== 4 || this.#constant(node, 4) !== undefined) return;
    const nibbles = { rows, columns, block, scale, zeroPoint: this.#constant(node, 3)?.tensor };
    const name = weightOf(bias);
    if (!this.tensors.has(name))
      this.tensors.set(name, { name, tensor: matrix.tensor, isTransposed: false, nibbles });
  }

  /** `inOut`: whether the operator takes the matrix as [in, out]. The first node to take a weight names it. */
  #add(name: string, { tensor, isTransposed, scaling }: Constant, inOut: boolean): void {
    if (this.tensors.has(name)) return;
    const found = { name, tensor, isTransposed: inOut !== isTransposed };
    this.tensors.set(name, scaling === undefined ? found : { ...found, scaling });
  }

  #constant(node: OnnxNode, at: number): Constant | undefined {
    return this.#constants.get(node.inputs[at] ?? "");
  }

  /** The name of the last bias in what a product takes. */
  #biasBefore(product: OnnxNode): string | undefined {
    let node = this.#graph.producer(product.inputs[0] ?? "");
    for (let step = 0; step < maxSteps && node !== undefined; step++) {
      const constants = node.inputs.map((input) => this.#constants.get(input)?.name);
      const bias = constants.find((name) => name?.endsWith(".bias"));
      if (bias !== undefined) return bias;
      node = this.#graph.producer(node.inputs[0] ?? "");
    }
    return undefined;
  }

  /** The name of the bias that is added to the product, if its name gives the module. */
  #biasAfter(product: OnnxNode): string | undefined {
    let node: OnnxNode | undefined = product;
    for (let step = 0; step < maxSteps && node !== undefined; step++) {
      const next = this.#graph.followers(node);
      const sum = next.find(({ type }) => type === "Add");
      const fused = next.find(({ type }) => type === "SkipLayerNormalization");
      const added = [...(sum?.inputs.slice(0, 2) ?? []), fused?.inputs[4] ?? ""].map(
        (input) => this.#constants.get(input)?.name,
      );
      const bias = added.find((name) => name?.endsWith(".bias"));
      if (bias !== undefined) return bias;
      node = next.find(({ type }) => passing.has(type));
    }
    return undefined;
  }

  /** w's scale: one factor of the product by which the integers are multiplied afterwards. */
  #scaleAfter(product: OnnxNode): OnnxTensor | undefined {
    let node: OnnxNode | undefined = product;
    for (let step = 0; step < maxSteps && node !== undefined; step++) {
      node = this.#graph.followers(node).find(({ type }) => passing.has(type));
      if (node?.type !== "Mul") continue;
      const factors = node.inputs
        .slice(0, 2)
        .flatMap((input) => this.#graph.producer(input)?.inputs.slice(0, 2) ?? []);
      return factors
        .map((input) => this.#constants.get(input)?.tensor)
        .find((tensor) => tensor !== undefined);
    }
    return undefined;
  }
}

function isInteger({ type }: OnnxTensor): boolean {
  return type === "int8" || type === "uint8" || type === "int32";
}
