/**
 * The native half of the section `seed`: the encoder and the adaptor by onnxruntime-node in float32, the CTC branch there in
 * 8 bits, prompt and tokens by node-llama-cpp. The features are given: the pair's front end counts nothing.
 */
import { normals } from "../../test/helpers/builders/random.ts";
import { openLlama, runLlama } from "./llama.ts";
import { inputSize, linear, linearInt8, openSession, sanmEncoder, size, transformer } from "./onnx-layers.ts";
import { OnnxGraph } from "./onnx-writer.ts";
import { timed } from "./peers.ts";
import { measureWhenAsked } from "./sides.ts";
import { workload } from "./workload.ts";

const rows = 1000; // 60 s

await measureWhenAsked(async () => {
  const audio = await openSession(encoderAndAdaptor());
  const branch = await openSession(ctcBranch());
  const { sequence } = await openLlama();
  const features = normals(1, rows * inputSize);
  const prompt = Array.from({ length: workload.promptRows }, (_, i) => 1000 + ((i * 7919) % 50_000));
  const round = async (): Promise<{ [part: string]: number }> => {
    let encoded = new Float32Array(0);
    const encoder = await timed(async () => {
      [encoded] = (await audio(features, [rows, inputSize])) as [Float32Array<ArrayBuffer>, Float32Array];
    });
    const ctc = await timed(() => branch(encoded, [rows, size]));
    // The prompt's logits give the first token.
    return { encoder, ctc, ...(await runLlama(sequence, prompt, workload.tokens - 1)) };
  };
  await round(); // warms up
  return round;
});

function encoderAndAdaptor(): Uint8Array {
  const graph = new OnnxGraph();
  const encoded = sanmEncoder(graph, "features", rows, 70);
  const adapted = transformer(graph, "adaptor", encoded, { rows, width: 1024, layers: 2, product: linear });
  return graph.encode({ name: "features", shape: [rows, inputSize] }, encoded, adapted);
}

/** The best label of each frame. */
function ctcBranch(): Uint8Array {
  const graph = new OnnxGraph();
  const shape = { rows, width: size, layers: 5, product: linearInt8 };
  const logits = linearInt8(graph, "head", transformer(graph, "ctc", "features", shape), size, 60_515);
  const best = graph.node("ArgMax", [logits], { axis: 1, keepdims: 0 });
  return graph.encode({ name: "features", shape: [rows, size] }, graph.node("Cast", [best], { to: 1 }));
}
