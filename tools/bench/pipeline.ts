/** The whole pipeline at full size: load time, time of each step, tokens per second, peak memory. */
import { statSync } from "node:fs";
import { load } from "../../src/node.ts";
import type { BackendName, Progress } from "../../src/node.ts";
import { normals } from "../../test/helpers/builders/random.ts";
import type { Figures } from "./sections.ts";
import { syntheticNano } from "./synthetic.ts";

/** Transcribes noise into `tokens` tokens; random weights never produce the end token. */
export async function benchPipeline(
  backend: BackendName,
  audioSeconds: number,
  tokens: number,
): Promise<Figures> {
  const path = await syntheticNano("Q8_0");
  const start = performance.now();
  using model = await load(path, { backend });
  const loadSeconds = (performance.now() - start) / 1000;
  const samples = normals(1, audioSeconds * 16_000, 0.1);
  const written = new Map<number, number>(); // counted here, since a text that repeats itself is cut afterwards
  const onProgress = ({ stage, done, segment = 0 }: Progress): void => {
    if (stage === "generate") written.set(segment, done + 1);
  };
  const { timings, counts } = await model.transcribe(samples, { maxNewTokens: tokens, onProgress });
  const steps = [...written.values()].reduce((sum, count) => sum + count, 0);
  const promptTokens = counts.prefixTokens + counts.audioTokens + counts.suffixTokens;
  return {
    "file.bytes": statSync(path).size,
    "load.seconds": loadSeconds,
    ...Object.fromEntries(Object.entries(timings).map(([step, ms]) => [`${step}.seconds`, ms / 1000])),
    "prefill.tokensPerSecond": (1000 * promptTokens) / (timings.prefill ?? Infinity),
    "decode.tokens": steps,
    "decode.tokensPerSecond": (1000 * steps) / (timings.generate ?? Infinity),
    realTimeFactor: timings.total / 1000 / audioSeconds,
    "memory.peakBytes": process.resourceUsage().maxRSS * 1024,
  };
}
