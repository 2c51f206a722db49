/** Decoding on `tensorflow`: step by step, as a graph, and as a graph that XLA compiles, interleaved. */
import { compiledDecoding, examplePrompt, steppedDecoding } from "../../src/doctor/decoding.ts";
import { openCheckpoint } from "../../src/architectures/open.ts";
import { buildModel } from "../../src/architectures/build.ts";
import type { FunAsrNano } from "../../src/models/fun-asr-nano/fun-asr-nano.ts";
import { Engine } from "../../src/node.ts";
import { dispose } from "../../src/nn/ops.ts";
import { offerTurn } from "../../src/platform/turns.ts";
import { interleaved, timed } from "./peers.ts";
import type { Figures } from "./sections.ts";

const rounds = 3;

/** `count` tokens after a meaningless prompt. */
export async function benchDecoding(path: string, count: number): Promise<Figures> {
  await using checkpoint = await openCheckpoint(path);
  using engine = new Engine({ backend: "tensorflow" });
  const loaded = await buildModel(checkpoint, { engine, backend: "tensorflow" });
  const { llm } = loaded.model as FunAsrNano;
  const figures = await engine.run("tensorflow", async () => {
    const embeds = examplePrompt(llm);
    const eager = steppedDecoding(llm, embeds, offerTurn);
    const graph = await compiledDecoding(llm, embeds, { most: count, xla: false, turn: offerTurn });
    const xla = await compiledDecoding(llm, embeds, { most: count, xla: true, turn: offerTurn });
    const seconds = await interleaved(rounds, {
      eager: () => timed(() => eager.generate(count)),
      graph: () => timed(() => graph.generate(count)),
      xla: () => timed(() => xla.generate(count)),
    });
    graph.dispose();
    xla.dispose();
    dispose(embeds);
    return {
      "eager.tokensPerSecond": count / seconds.eager,
      "graph.tokensPerSecond": count / seconds.graph,
      "xla.tokensPerSecond": count / seconds.xla,
      "graph.gain": seconds.eager / seconds.graph,
      "xla.gain": seconds.eager / seconds.xla,
      "graph.setUpSeconds": graph.setUpSeconds,
      "xla.setUpSeconds": xla.setUpSeconds,
    };
  });
  loaded.dispose();
  return figures;
}
