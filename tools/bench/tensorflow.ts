/** Decoding on `tensorflow`: step by step, as a graph, and as a graph that XLA compiles, interleaved. */
import { compiled, somePrompt, stepping } from "../../src/doctor/decoding.ts";
import { openCheckpoint } from "../../src/checkpoints/gguf/open.ts";
import { buildModel } from "../../src/architectures/build.ts";
import type { FunAsrNano } from "../../src/models/fun-asr-nano/fun-asr-nano.ts";
import { onBackend } from "../../src/nn/backend.ts";
import { dispose } from "../../src/nn/ops.ts";
import { interleaved, timed } from "./peers.ts";
import type { Figures } from "./sections.ts";

const rounds = 3;

/** `count` tokens after a meaningless prompt. */
export async function benchDecoding(path: string, count: number): Promise<Figures> {
  await using checkpoint = await openCheckpoint(path);
  const loaded = await buildModel(checkpoint, { backend: "tensorflow" });
  const { llm } = loaded.model as FunAsrNano;
  const figures = await onBackend("tensorflow", async () => {
    const embeds = somePrompt(llm);
    const eager = stepping(llm, embeds);
    const graph = await compiled(llm, embeds, count, false);
    const xla = await compiled(llm, embeds, count, true);
    const seconds = await interleaved(rounds, {
      eager: () => timed(() => eager.write(count)),
      graph: () => timed(() => graph.write(count)),
      xla: () => timed(() => xla.write(count)),
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
