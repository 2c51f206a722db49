/**
 * CT-Transformer punctuation at the shapes of the largest released model against ONNX Runtime in float32, on the same number of
 * threads, interleaved: passes of 40 words, as a text has them whose sentences have 20 words. The table of words is smaller
 * than the released one, of which a pass reads 40 rows; the peer gets these rows.
 */
import { openModel } from "../../converters/index.ts";
import { buildModel } from "../../src/architectures/build.ts";
import { bool, string, strings, uint32 } from "../../src/checkpoints/gguf/index.ts";
import type { TypedValue } from "../../src/checkpoints/gguf/index.ts";
import { Engine } from "../../src/node.ts";
import { dispose, values } from "../../src/nn/ops.ts";
import { normals } from "../../test/helpers/builders/random.ts";
import { layerNorm, linear, openSession, sanmEncoder } from "./onnx-layers.ts";
import { OnnxGraph } from "./onnx-writer.ts";
import { interleaved, timed } from "./peers.ts";
import type { Figures } from "./sections.ts";
import { synthesise } from "./synthetic.ts";

const size = 516;
const layers = 12;
const vocabSize = 20_000;
const marks = ["<unk>", "_", "，", "。", "？", "、"];
const words = 1000;
const newWords = 20;
const passWords = 40;
const rounds = 3;

export async function benchPunctuation(): Promise<Figures> {
  const session = await openSession(graphOf());
  const rows = normals(1, passWords * size);
  const theirs = async (): Promise<void> => {
    for (let i = 0; i < words / newWords; i++) await session(rows, [passWords, size]);
  };
  const engine = new Engine({ backend: "wasm", threads: 2 });
  await using checkpoint = await openModel([
    await synthesise({ name: "ct-punc", metadata: metadata() }, "F32"),
  ]);
  const { model, dispose: free } = await buildModel(checkpoint, { engine, ...(await engine.placement()) });
  if (model.architecture !== "ct-punc") throw new Error(model.architecture);
  const ids = Array.from({ length: passWords }, (_, i) => (i * 37) % vocabSize);
  const pass = async (): Promise<void> => {
    const logits = await model.logits(ids, 0, async () => {});
    await values(logits);
    dispose(logits);
  };
  const ours = async (): Promise<void> => {
    for (let i = 0; i < words / newWords; i++) await engine.run("wasm", pass);
  };
  await theirs();
  await ours();
  const seconds = await interleaved(rounds, { ours: () => timed(ours), theirs: () => timed(theirs) });
  free();
  engine.dispose();
  return {
    "punctuation.seconds": seconds.ours,
    "punctuation.onnxruntimeSeconds": seconds.theirs,
    "punctuation.ratio": seconds.theirs / seconds.ours,
  };
}

function graphOf(): Uint8Array {
  const graph = new OnnxGraph();
  const sizes = { inputSize: size, size, headCount: 12 };
  const hidden = sanmEncoder(graph, "features", passWords, layers, sizes);
  const normed = layerNorm(graph, "after_norm", hidden, size);
  const logits = linear(graph, "decoder", normed, size, marks.length);
  return graph.encode({ name: "features", shape: [passWords, size] }, logits);
}

function metadata(): Map<string, TypedValue> {
  const encoder = {
    input_size: size,
    output_size: size,
    attention_heads: 12,
    linear_units: 2048,
    num_blocks: layers,
    kernel_size: 11,
    sanm_shift: 0,
  };
  const tokens = [
    "<unk>",
    ...Array.from({ length: vocabSize - 1 }, (_, i) => String.fromCodePoint(0x4e00 + i)),
  ];
  return new Map<string, TypedValue>([
    ["general.architecture", string("ct-punc")],
    ...Object.entries(encoder).map(([key, value]): [string, TypedValue] => [
      `ct-punc.encoder.${key}`,
      uint32(value),
    ]),
    ["ct-punc.vocab_size", uint32(vocabSize)],
    ["ct-punc.marks", strings(marks)],
    ["ct-punc.sentence_end_id", uint32(3)],
    ["ct-punc.realtime", bool(false)],
    ["tokenizer.ggml.model", string("word")],
    ["tokenizer.ggml.tokens", strings(tokens)],
  ]);
}
