/** The effect of one long list of hotwords on the whole test set: all its names at once, searched in each draft. */
import { Hotwords } from "../../src/node.ts";
import type { Transcriber } from "../../src/node.ts";
import { errorRate } from "./metrics.ts";
import type { Scored } from "./metrics.ts";
import { clipOf } from "./test-set.ts";
import type { Utterance } from "./test-set.ts";

/** Percent, except for the counts. `named`: utterances with a name in the list; `plain`: all others. */
export interface SearchFigures {
  readonly "list.words": number;
  readonly "named.utterances": number;
  /** Share of the spoken names that were offered. */
  readonly "named.recall": number;
  readonly "named.without": number;
  readonly "named.searched": number;
  readonly "plain.utterances": number;
  /** Words offered for each of them; all are wrong. */
  readonly "plain.offered": number;
  readonly "plain.without": number;
  readonly "plain.searched": number;
}

export async function measureSearch(
  model: Transcriber,
  utterances: readonly Utterance[],
  names: readonly string[],
  onProgress: (done: number) => void = () => {},
): Promise<SearchFigures> {
  const list = new Hotwords(names);
  const without = { named: [] as Scored[], plain: [] as Scored[] };
  const searched = { named: [] as Scored[], plain: [] as Scored[] };
  let [spoken, recalled, wronglyOffered] = [0, 0, 0];
  for (const [done, utterance] of utterances.entries()) {
    const { language, written: reference, hotwords: wanted } = utterance;
    const kind = wanted.length > 0 ? "named" : "plain";
    const clip = clipOf(utterance);
    const alone = await model.transcribe(clip);
    const { text, hotwords: offers = [] } = await model.transcribe(clip, { hotwords: list });
    without[kind].push({ language, reference, hypothesis: alone.text });
    searched[kind].push({ language, reference, hypothesis: text });
    spoken += wanted.length;
    recalled += wanted.filter((word) => offers.some((offer) => offer.word === word)).length;
    if (kind === "plain") wronglyOffered += offers.length;
    onProgress(done + 1);
  }
  return {
    "list.words": list.size,
    "named.utterances": without.named.length,
    "named.recall": Math.round((10_000 * recalled) / Math.max(spoken, 1)) / 100,
    "named.without": errorRate(without.named),
    "named.searched": errorRate(searched.named),
    "plain.utterances": without.plain.length,
    "plain.offered": Math.round((100 * wronglyOffered) / Math.max(without.plain.length, 1)) / 100,
    "plain.without": errorRate(without.plain),
    "plain.searched": errorRate(searched.plain),
  };
}

/** All names of a test set, spoken or not. */
export function namesOf(utterances: readonly Utterance[]): string[] {
  return [...new Set(utterances.flatMap(({ hotwords, distractors }) => [...hotwords, ...distractors]))];
}
