/**
 * The SAN-M encoder at full size against ONNX Runtime in float32, on the same number of threads, interleaved with ours in
 * Q8_0: against the whole encoder (a graph of LayerNormalization, MatMul, Softmax, Conv and Relu) and against its matrix
 * products alone, which bound any implementation of the rest.
 */
import { load } from "../../src/node.ts";
import type { LoadOptions } from "../../src/node.ts";
import { normals } from "../../test/helpers/builders/random.ts";
import { OnnxGraph } from "./onnx-writer.ts";
import { interleaved, peer, timed } from "./peers.ts";
import type { Figures } from "./sections.ts";

const size = 512;
const heads = 4;
const linearUnits = 2048;
const taps = 11;
const inputSize = 560;
/** Layers whose weights differ: enough that they do not stay in a cache, few enough to build quickly. */
const distinct = 10;
const threads = 2;
const rounds = 3;

interface Session {
  run(feeds: object): Promise<unknown>;
}

interface OnnxRuntime {
  readonly InferenceSession: { create(model: Uint8Array, options: object): Promise<Session> };
  readonly Tensor: new (type: string, data: Float32Array, shape: readonly number[]) => object;
}

/** `path`: a synthetic model of ours whose encoder has `layers` layers. */
export async function benchEncoder(
  path: string,
  layers: number,
  audioSeconds: number,
  options: LoadOptions = { backend: "wasm" },
): Promise<Figures> {
  const rows = Math.ceil((1 + Math.floor((audioSeconds * 16_000 - 400) / 160)) / 6);
  const values = normals(1, rows * inputSize);
  const { InferenceSession, Tensor } = await peer<OnnxRuntime>("onnxruntime-node");
  const peerOf = async (graph: Uint8Array, width: number): Promise<() => Promise<unknown>> => {
    const session = await InferenceSession.create(graph, { intraOpNumThreads: threads });
    const input = new Tensor("float32", values.slice(0, rows * width), [rows, width]);
    const run = (): Promise<unknown> => session.run({ features: input });
    await run();
    return run;
  };
  const whole = await peerOf(encoderGraph(rows, layers), inputSize);
  const products = await peerOf(productsGraph(rows, layers), size);

  using model = await load(path, options);
  const features = { values, rows, cols: inputSize };
  const encode = async (): Promise<number> => {
    const { timings } = await model.transcribe({ features }, { maxNewTokens: 1 });
    return timings.encode! / 1000;
  };
  await encode();
  const seconds = await interleaved(rounds, {
    ours: encode,
    whole: () => timed(whole),
    products: () => timed(products),
  });
  return {
    "encoder.seconds": seconds.ours,
    "encoder.onnxruntimeProductsSeconds": seconds.products,
    "encoder.ratio": seconds.products / seconds.ours,
    "encoder.onnxruntimeWholeSeconds": seconds.whole,
    "encoder.wholeRatio": seconds.whole / seconds.ours,
  };
}

/**
 * The encoder's matrix products one after the other, without copies between them. Shapes are the encoder's, except that
 * the fused map to q, k and v is three maps, and the first layer is as wide as the others. Keys and values are computed
 * from the features, and the output map is small, so that values neither grow nor vanish.
 */
function productsGraph(rows: number, layers: number): Uint8Array {
  const graph = new OnnxGraph();
  const product = (x: string, name: string, input: number, output: number, deviation = 0.03): string => {
    const weight = graph.floats(name, [input, output], () => normals(name.length, input * output, deviation));
    return graph.node("MatMul", [x, weight]);
  };
  const as = (x: string, ...shape: number[]): string => graph.node("Reshape", [x, graph.integers(shape)]);
  let x = "features";
  for (let layer = 0; layer < layers; layer++) {
    const name = `layer${layer % distinct}`;
    const q = as(product(x, `${name}.q`, size, size), heads, rows, size / heads);
    const k = as(product("features", `${name}.k`, size, size), heads, size / heads, rows);
    const v = as(product("features", `${name}.v`, size, size), heads, rows, size / heads);
    const context = graph.node("MatMul", [graph.node("MatMul", [q, k]), v]);
    const out = product(as(context, rows, size), `${name}.out`, size, size, 0.03 / 70);
    const up = product(out, `${name}.w_1`, size, linearUnits);
    x = product(up, `${name}.w_2`, linearUnits, size);
  }
  return graph.encode({ name: "features", shape: [rows, size] }, x);
}

function encoderGraph(rows: number, layers: number): Uint8Array {
  const graph = new OnnxGraph();
  let x = "features";
  for (let layer = 0; layer < layers; layer++) {
    const input = layer === 0 ? inputSize : size;
    const name = layer === 0 ? "entry" : `layer${layer % distinct}`;
    const y = attention(graph, name, layerNorm(graph, `${name}.norm1.${input}`, x, input), input, rows);
    const h = layer === 0 ? y : graph.node("Add", [x, y]);
    const up = graph.node("Relu", [
      linear(graph, `${name}.w_1`, layerNorm(graph, `${name}.norm2`, h, size), size, linearUnits),
    ]);
    x = graph.node("Add", [h, linear(graph, `${name}.w_2`, up, linearUnits, size)]);
  }
  return graph.encode({ name: "features", shape: [rows, inputSize] }, x);
}

function attention(graph: OnnxGraph, name: string, x: string, input: number, rows: number): string {
  const qkv = linear(graph, `${name}.qkv.${input}`, x, input, 3 * size);
  const [q, k, v] = graph.nodes("Split", [qkv], 3, { axis: 1 }) as [string, string, string]; // [T, D] each
  const headed = (part: string, order: readonly number[]): string =>
    graph.node("Transpose", [graph.node("Reshape", [part, graph.integers([rows, heads, size / heads])])], {
      perm: order,
    });
  const scale = graph.floats("scale", [1], () => Float32Array.of((size / heads) ** -0.5));
  const scores = graph.node("MatMul", [
    graph.node("Mul", [headed(q, [1, 0, 2]), scale]),
    headed(k, [1, 2, 0]),
  ]);
  const context = graph.node("MatMul", [graph.node("Softmax", [scores], { axis: 2 }), headed(v, [1, 0, 2])]);
  const merged = graph.node("Reshape", [
    graph.node("Transpose", [context], { perm: [1, 0, 2] }),
    graph.integers([rows, size]),
  ]);
  const channels = graph.node("Reshape", [
    graph.node("Transpose", [v], { perm: [1, 0] }),
    graph.integers([1, size, rows]),
  ]);
  const kernel = graph.floats(`${name}.fsmn`, [size, 1, taps], () => normals(7, size * taps, 0.1));
  const conv = graph.node("Conv", [channels, kernel], { group: size, pads: [5, 5], kernel_shape: [taps] });
  const memory = graph.node("Transpose", [graph.node("Reshape", [conv, graph.integers([size, rows])])], {
    perm: [1, 0],
  });
  const out = linear(graph, `${name}.out`, merged, size, size);
  return graph.node("Add", [out, graph.node("Add", [v, memory])]);
}

function linear(graph: OnnxGraph, name: string, x: string, input: number, output: number): string {
  const weight = graph.floats(`${name}.weight`, [input, output], () =>
    normals(name.length, input * output, 0.03),
  );
  const bias = graph.floats(`${name}.bias`, [output], () => normals(3, output, 0.1));
  return graph.node("Add", [graph.node("MatMul", [x, weight]), bias]);
}

function layerNorm(graph: OnnxGraph, name: string, x: string, width: number): string {
  const gain = graph.floats(`${name}.weight`, [width], () => new Float32Array(width).fill(1));
  const bias = graph.floats(`${name}.bias`, [width], () => new Float32Array(width));
  return graph.node("LayerNormalization", [x, gain, bias], { epsilon: { float: 1e-5 } });
}
