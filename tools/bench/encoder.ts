/**
 * The SAN-M encoder at full size against ONNX Runtime in float32, on the same number of threads, interleaved with ours in
 * Q8_0: against the whole encoder (a graph of LayerNormalization, MatMul, Softmax, Conv and Relu) and against its matrix
 * products alone, which bound any implementation of the rest.
 */
import { load } from "../../src/node.ts";
import type { LoadOptions } from "../../src/node.ts";
import { normals } from "../../test/helpers/builders/random.ts";
import {
  distinctLayers,
  headCount,
  inputSize,
  innerSize,
  openSession,
  sanmEncoder,
  size,
} from "./onnx-layers.ts";
import { OnnxGraph } from "./onnx-writer.ts";
import { interleaved, timed } from "./peers.ts";
import type { Figures } from "./sections.ts";

const rounds = 3;

/** `path`: a synthetic model of ours whose encoder has `layers` layers. */
export async function benchEncoder(
  path: string,
  layers: number,
  audioSeconds: number,
  options: LoadOptions = { backend: "wasm" },
): Promise<Figures> {
  const rows = Math.ceil((1 + Math.floor((audioSeconds * 16_000 - 400) / 160)) / 6);
  const values = normals(1, rows * inputSize);
  const peerOf = async (graph: Uint8Array, width: number): Promise<() => Promise<unknown>> => {
    const session = await openSession(graph);
    const input = values.slice(0, rows * width);
    const run = (): Promise<unknown> => session(input, [rows, width]);
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
    const name = `layer${layer % distinctLayers}`;
    const q = as(product(x, `${name}.q`, size, size), headCount, rows, size / headCount);
    const k = as(product("features", `${name}.k`, size, size), headCount, size / headCount, rows);
    const v = as(product("features", `${name}.v`, size, size), headCount, rows, size / headCount);
    const context = graph.node("MatMul", [graph.node("MatMul", [q, k]), v]);
    const out = product(as(context, rows, size), `${name}.out`, size, size, 0.03 / 70);
    const up = product(out, `${name}.w_1`, size, innerSize);
    x = product(up, `${name}.w_2`, innerSize, size);
  }
  return graph.encode({ name: "features", shape: [rows, size] }, x);
}

function encoderGraph(rows: number, layers: number): Uint8Array {
  const graph = new OnnxGraph();
  const x = sanmEncoder(graph, "features", rows, layers);
  return graph.encode({ name: "features", shape: [rows, inputSize] }, x);
}
