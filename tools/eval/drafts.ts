/**
 * What drafts save: tokens that the language model writes in a step, by the most tokens that are drafted for it, and in how
 * many utterances the tokens or the text are not those without a draft (none must be).
 */
import type { TranscribeOptions, Transcriber } from "../../src/node.ts";
import { clipOf } from "./test-set.ts";
import type { Utterance } from "./test-set.ts";

/** Tokens that are drafted for a step. */
const LENGTHS = [1, 3, 5, 7];

export async function measureDrafts(
  model: Transcriber,
  utterances: readonly Utterance[],
  onProgress: (done: number) => void = () => {},
): Promise<ReadonlyMap<string, Readonly<Record<string, number>>>> {
  const sums = new Map<string, { tokens: number; steps: number; differ: number }>();
  for (const [i, utterance] of utterances.entries()) {
    const transcribed = (options: TranscribeOptions) => model.transcribe(clipOf(utterance), options);
    const plain = await transcribed({ draft: "off" });
    for (const draftTokens of LENGTHS) {
      const { text, tokens, counts } = await transcribed({ draftTokens });
      const key = `${utterance.language} ${draftTokens}`;
      const sum = sums.get(key) ?? { tokens: 0, steps: 0, differ: 0 };
      sum.tokens += tokens.length; // the first comes from the prompt's step, and the end token from another
      sum.steps += counts.steps;
      if (text !== plain.text || tokens.join() !== plain.tokens.join()) sum.differ++;
      sums.set(key, sum);
    }
    onProgress(i + 1);
  }
  const languages = [...new Set(utterances.map(({ language }) => language))];
  return new Map(
    languages.map((language) => [
      language,
      Object.fromEntries(
        LENGTHS.flatMap((length) => {
          const { tokens, steps, differ } = sums.get(`${language} ${length}`)!;
          return [
            [`per step, ${length}`, Math.round((100 * tokens) / steps) / 100],
            [`different, ${length}`, differ],
          ];
        }),
      ),
    ]),
  );
}
