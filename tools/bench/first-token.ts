/** Time to the first token of a clip at full size, after another clip with the same prompt. */
import { load } from "../../src/node.ts";
import type { Progress } from "../../src/node.ts";
import { normals } from "../../test/helpers/builders/random.ts";
import { median } from "./peers.ts";
import type { Figures } from "./sections.ts";
import { syntheticNano } from "./synthetic.ts";

const rounds = 9;

export async function benchFirstToken(audioSeconds: number): Promise<Figures> {
  using model = await load(await syntheticNano("Q8_0"), { backend: "wasm" });
  const samples = normals(1, audioSeconds * 16_000, 0.1);
  const first: number[] = [];
  const prompt: number[] = [];
  for (let round = 0; round <= rounds; round++) {
    const start = performance.now();
    let seconds = 0;
    const onProgress = ({ stage }: Progress): void => {
      if (stage === "generate" && seconds === 0) seconds = (performance.now() - start) / 1000;
    };
    const { timings } = await model.transcribe(samples, { maxNewTokens: 4, onProgress });
    if (round === 0) continue; // warms up
    first.push(seconds);
    prompt.push((timings.prefill ?? 0) / 1000);
  }
  return {
    "first.seconds": Math.min(...first),
    "first.medianSeconds": median(first),
    "prompt.seconds": Math.min(...prompt),
    "prompt.medianSeconds": median(prompt),
  };
}
