/** Paraformer at full size: load time, time of each step, memory beyond the file. One pass, no generation. */
import { statSync } from "node:fs";
import { load } from "../../src/node.ts";
import type { BackendName } from "../../src/node.ts";
import { normals } from "../../test/helpers/builders/random.ts";
import type { Figures } from "./sections.ts";
import { syntheticParaformer } from "./synthetic-paraformer.ts";

/** Transcribes noise; the random alphas decide the number of tokens. */
export async function benchParaformer(
  backend: BackendName,
  format: "Q8_0" | "Q4_K",
  audioSeconds: number,
): Promise<Figures> {
  const path = await syntheticParaformer(format);
  const start = performance.now();
  using model = await load(path, { backend });
  const loadSeconds = (performance.now() - start) / 1000;
  const samples = normals(1, audioSeconds * 16_000, 0.1);
  const { timings, counts } = await model.transcribe(samples);
  const fileBytes = statSync(path).size;
  const peakBytes = process.resourceUsage().maxRSS * 1024;
  return {
    "file.bytes": fileBytes,
    "load.seconds": loadSeconds,
    ...Object.fromEntries(Object.entries(timings).map(([step, ms]) => [`${step}.seconds`, ms / 1000])),
    tokens: counts.generatedTokens,
    realTimeFactor: timings.total / 1000 / audioSeconds,
    "memory.peakBytes": peakBytes,
    "memory.beyondFileBytes": peakBytes - fileBytes,
  };
}
