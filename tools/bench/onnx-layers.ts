/**
 * The layers of Fun-ASR-Nano's encoder, adaptor and CTC branch as nodes of an ONNX graph with random weights: in float32, or
 * with the 8-bit products of onnxruntime's dynamic quantization (`quantize_dynamic`).
 */
import { normals } from "../../test/helpers/builders/random.ts";
import type { OnnxGraph } from "./onnx-writer.ts";
import { peer } from "./peers.ts";

export const size = 512;
export const inputSize = 560;
export const headCount = 4;
export const innerSize = 2048;
const taps = 11;
const own = { inputSize, size, headCount };
/** Layers whose weights differ: enough that they do not stay in a cache, few enough to build quickly. */
export const distinctLayers = 10;
const threads = 2;

interface OnnxTensor {
  readonly data: Float32Array;
}

interface OnnxRuntime {
  readonly InferenceSession: {
    create(
      model: Uint8Array,
      options: object,
    ): Promise<{ run(feeds: object): Promise<{ readonly [name: string]: OnnxTensor }> }>;
  };
  readonly Tensor: new (type: string, data: Float32Array, shape: readonly number[]) => object;
}

/** Runs a graph whose input is `features`; the values of its outputs, in their order. */
export type Session = (values: Float32Array, shape: readonly number[]) => Promise<readonly Float32Array[]>;

export async function openSession(graph: Uint8Array): Promise<Session> {
  const { InferenceSession, Tensor } = await peer<OnnxRuntime>("onnxruntime-node");
  const session = await InferenceSession.create(graph, { intraOpNumThreads: threads });
  return async (values, shape) => {
    const outputs = await session.run({ features: new Tensor("float32", values, shape) });
    return Object.values(outputs).map(({ data }) => data);
  };
}

/** x [T, input] · W + bias → [T, output] */
type Product = (graph: OnnxGraph, name: string, x: string, input: number, output: number) => string;

export const linear: Product = (graph, name, x, input, output) => {
  const weight = graph.floats(`${name}.weight`, [input, output], () =>
    normals(name.length, input * output, 0.03),
  );
  return graph.node("Add", [graph.node("MatMul", [x, weight]), biasOf(graph, name, output)]);
};

/** x is quantized for each product, the weights once; both have one scale. */
export const linearInt8: Product = (graph, name, x, input, output) => {
  const weight = graph.bytes(`${name}.weight`, [input, output], () =>
    Int8Array.from(normals(name.length, input * output, 40), (value) => Math.max(-127, Math.min(127, value))),
  );
  const scale = graph.floats(`${name}.scale`, [1], () => Float32Array.of(0.03 / 40));
  const [quantized, inputScale, zero] = graph.nodes("DynamicQuantizeLinear", [x], 3) as [
    string,
    string,
    string,
  ];
  const sums = graph.node("MatMulInteger", [quantized, weight, zero]);
  const y = graph.node("Mul", [
    graph.node("Cast", [sums], { to: 1 }),
    graph.node("Mul", [inputScale, scale]),
  ]);
  return graph.node("Add", [y, biasOf(graph, name, output)]);
};

function biasOf(graph: OnnxGraph, name: string, output: number): string {
  return graph.floats(`${name}.bias`, [output], () => normals(3, output, 0.1));
}

interface SanmSizes {
  readonly inputSize: number;
  readonly size: number;
  readonly headCount: number;
}

/** x [T, inputSize] → [T, size]: by default those of Fun-ASR-Nano and Paraformer. */
export function sanmEncoder(
  graph: OnnxGraph,
  features: string,
  rows: number,
  layers: number,
  { inputSize, size, headCount }: SanmSizes = own,
): string {
  let x = features;
  for (let layer = 0; layer < layers; layer++) {
    const input = layer === 0 ? inputSize : size;
    const name = layer === 0 ? "entry" : `layer${layer % distinctLayers}`;
    const { q, k, v } = queryKeyValue(graph, name, layerNorm(graph, `${name}.norm1.${input}`, x, input), {
      input,
      width: size,
      product: linear,
    });
    const context = attention(graph, { q, k, v }, { rows, width: size, heads: headCount });
    const out = linear(graph, `${name}.out`, context, size, size);
    const y = graph.node("Add", [out, graph.node("Add", [v, memory(graph, name, v, rows, size)])]);
    const h = input !== size ? y : graph.node("Add", [x, y]);
    const up = graph.node("Relu", [
      linear(graph, `${name}.w_1`, layerNorm(graph, `${name}.norm2`, h, size), size, innerSize),
    ]);
    x = graph.node("Add", [h, linear(graph, `${name}.w_2`, up, innerSize, size)]);
  }
  return x;
}

interface TransformerShape {
  readonly rows: number;
  /** The width of the result. */
  readonly width: number;
  readonly layers: number;
  readonly product: Product;
}

/** The adaptor, or the CTC branch's decoder: x [T, 512] → [T, width] */
export function transformer(
  graph: OnnxGraph,
  part: string,
  encoded: string,
  { rows, width, layers, product }: TransformerShape,
): string {
  const front = graph.node("Relu", [product(graph, `${part}.linear1`, encoded, size, innerSize)]);
  let x = product(graph, `${part}.linear2`, front, innerSize, width);
  for (let layer = 0; layer < layers; layer++) {
    const name = `${part}.${layer}`;
    const normed = layerNorm(graph, `${name}.norm1`, x, width);
    const parts = queryKeyValue(graph, name, normed, { input: width, width, product });
    const context = attention(graph, parts, { rows, width, heads: 8 });
    const h = graph.node("Add", [x, product(graph, `${name}.out`, context, width, width)]);
    const up = graph.node("Relu", [
      product(graph, `${name}.w_1`, layerNorm(graph, `${name}.norm2`, h, width), width, width / 4),
    ]);
    x = graph.node("Add", [h, product(graph, `${name}.w_2`, up, width / 4, width)]);
  }
  return x;
}

interface Parts {
  readonly q: string;
  readonly k: string;
  readonly v: string;
}

/** One product for all three: [T, width] each. */
function queryKeyValue(
  graph: OnnxGraph,
  name: string,
  x: string,
  { input, width, product }: { readonly input: number; readonly width: number; readonly product: Product },
): Parts {
  const all = product(graph, `${name}.qkv.${input}`, x, input, 3 * width);
  const [q, k, v] = graph.nodes("Split", [all], 3, { axis: 1 }) as [string, string, string];
  return { q, k, v };
}

function attention(
  graph: OnnxGraph,
  { q, k, v }: Parts,
  { rows, width, heads }: { readonly rows: number; readonly width: number; readonly heads: number },
): string {
  const headSize = width / heads;
  const headed = (part: string, order: readonly number[]): string =>
    graph.node("Transpose", [graph.node("Reshape", [part, graph.integers([rows, heads, headSize])])], {
      perm: order,
    });
  const scale = graph.floats(`scale${headSize}`, [1], () => Float32Array.of(headSize ** -0.5));
  const scores = graph.node("MatMul", [
    graph.node("Mul", [headed(q, [1, 0, 2]), scale]),
    headed(k, [1, 2, 0]),
  ]);
  const context = graph.node("MatMul", [graph.node("Softmax", [scores], { axis: 2 }), headed(v, [1, 0, 2])]);
  return graph.node("Reshape", [
    graph.node("Transpose", [context], { perm: [1, 0, 2] }),
    graph.integers([rows, width]),
  ]);
}

/** The FSMN's convolution over time. */
function memory(graph: OnnxGraph, name: string, v: string, rows: number, size: number): string {
  const channels = graph.node("Reshape", [
    graph.node("Transpose", [v], { perm: [1, 0] }),
    graph.integers([1, size, rows]),
  ]);
  const kernel = graph.floats(`${name}.fsmn`, [size, 1, taps], () => normals(7, size * taps, 0.1));
  const conv = graph.node("Conv", [channels, kernel], { group: size, pads: [5, 5], kernel_shape: [taps] });
  return graph.node("Transpose", [graph.node("Reshape", [conv, graph.integers([size, rows])])], {
    perm: [1, 0],
  });
}

export function layerNorm(graph: OnnxGraph, name: string, x: string, width: number): string {
  const gain = graph.floats(`${name}.weight`, [width], () => new Float32Array(width).fill(1));
  const bias = graph.floats(`${name}.bias`, [width], () => new Float32Array(width));
  return graph.node("LayerNormalization", [x, gain, bias], { epsilon: { float: 1e-5 } });
}
