/**
 * What drafts save: tokens that the language model writes in a step, the pass of the prompt and the end token among them, by
 * the most tokens that are drafted for it; and in how many utterances the result is not that without a draft (none must be).
 * For each way of choosing tokens.
 */
import type { TranscribeOptions, Transcriber, Transcription } from "../../src/node.ts";
import { clipOf } from "./test-set.ts";
import type { Utterance } from "./test-set.ts";

/** Tokens that are drafted for a step. */
const LENGTHS = [undefined, 1, 3, 5, 7];

const MODES: { readonly [name: string]: TranscribeOptions } = {
  greedy: {},
  "sampled at 0.7": { temperature: 0.7, seed: 1 },
  "penalty 1.2": { repetitionPenalty: 1.2 },
  confidence: { logprobs: true },
  // No text is as probable as this: both attempts are made.
  fallback: { fallback: { temperatures: [0.7], avgLogprob: 0 }, seed: 2 },
};

interface Sum {
  tokens: number;
  steps: number;
  differ: number;
}

export async function measureDrafts(
  model: Transcriber,
  utterances: readonly Utterance[],
  onProgress: (done: number) => void = () => {},
): Promise<ReadonlyMap<string, Readonly<Record<string, number>>>> {
  const sums = new Map<string, Map<number | undefined, Sum>>();
  for (const [i, utterance] of utterances.entries()) {
    for (const [name, mode] of Object.entries(MODES)) {
      const key = `${utterance.language}, ${name}`;
      const sum = sums.get(key) ?? new Map(LENGTHS.map((k) => [k, { tokens: 0, steps: 0, differ: 0 }]));
      sums.set(key, sum);
      const transcribed = (options: TranscribeOptions) =>
        model.transcribe(clipOf(utterance), { ...mode, ...options });
      const plain = compared(await transcribed({ draft: "off" }));
      for (const [draftTokens, figures] of sum) {
        const drafted = await transcribed({ draftTokens });
        for (const { generatedTokens } of drafted.attempts ?? []) figures.tokens += generatedTokens + 1; // its end
        figures.steps += 1 + drafted.counts.steps; // that of the prompt
        if (compared(drafted) !== plain) figures.differ++;
      }
    }
    onProgress(i + 1);
  }
  return new Map(
    [...sums].map(([key, sum]) => [
      key,
      Object.fromEntries(
        [...sum].flatMap(([length, { tokens, steps, differ }]) => [
          [`per step, ${length ?? "default"}`, Math.round((100 * tokens) / steps) / 100],
          [`different, ${length ?? "default"}`, differ],
        ]),
      ),
    ]),
  );
}

/** Text, tokens and probabilities, bit by bit, of all attempts. */
function compared({ text, tokens, logprobs, avgLogprob, attempts }: Transcription): string {
  return JSON.stringify({ text, tokens, logprobs, avgLogprob, attempts });
}
