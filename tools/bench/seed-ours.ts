/** Our half of the section `seed`: samples to text. The first run, without drafts, gives the text that is drafted afterwards. */
import { load } from "../../src/node.ts";
import type { TranscribeOptions, Transcription } from "../../src/node.ts";
import { normals } from "../../test/helpers/builders/random.ts";
import { draftFrom } from "./known-drafts.ts";
import { measureWhenAsked } from "./sides.ts";
import { syntheticNano } from "./synthetic.ts";
import { untilTheLimit, workload } from "./workload.ts";

/** Makes the prompt as long as it is there. */
const languageText = `中文${" x".repeat(27)}`;

await measureWhenAsked(async () => {
  const model = await load(await syntheticNano("Q8_0"), { backend: "wasm" });
  const samples = normals(1, workload.seconds * 16_000, 0.1);
  const run = async (options: TranscribeOptions): Promise<Transcription> => {
    const result = await model.transcribe(samples, {
      ...untilTheLimit,
      chunk: "off",
      maxNewTokens: workload.tokens,
      languageText,
      ...options,
    });
    const { prefixTokens, audioTokens, suffixTokens, generatedTokens } = result.counts;
    check("rows of the prompt", prefixTokens + audioTokens + suffixTokens, workload.promptRows);
    check("tokens", generatedTokens, workload.tokens);
    return result;
  };
  const { tokens } = await run({ draft: "off" });
  draftFrom([tokens], workload.rightDrafts);
  return async () => {
    const { timings, ...result } = await run({});
    check("tokens", result.tokens.join(), tokens.join());
    const seconds = (...steps: (keyof typeof timings)[]): number =>
      steps.reduce((sum, step) => sum + (timings[step] ?? 0), 0) / 1000;
    const parts = {
      frontEnd: seconds("audio", "features"),
      encoder: seconds("encode", "adapt"),
      ctc: seconds("ctc", "hotwords"),
      prefill: seconds("prefill"),
      decode: seconds("generate"),
    };
    const rest = timings.total / 1000 - Object.values(parts).reduce((sum, part) => sum + part, 0);
    return { ...parts, rest };
  };
});

function check(what: string, found: number | string, wanted: number | string): void {
  if (found !== wanted) throw new Error(`${what}: ${found} instead of ${wanted}`);
}
