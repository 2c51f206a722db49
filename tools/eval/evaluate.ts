/** Transcribes the test set with one model on one backend, and scores it. */
import type { Transcriber } from "../../src/node.ts";
import { errorRate, exactRate } from "./metrics.ts";
import type { Language, Scored } from "./metrics.ts";
import { clipOf, hotwordList } from "./test-set.ts";
import type { Utterance } from "./test-set.ts";

/** The model's results for one utterance. */
interface Outcome {
  readonly utterance: Utterance;
  readonly ctc: string;
  readonly plain: { readonly text: string; readonly tokens: readonly number[] };
  /** With the right names in the list; equal to `plain` if the utterance has no names. */
  readonly hotwords: { readonly text: string; readonly tokens: readonly number[] };
  /** With a list of wrong names only. */
  readonly distractors: { readonly text: string; readonly tokens: readonly number[] };
}

export async function transcribeTestSet(
  model: Transcriber,
  utterances: readonly Utterance[],
  onProgress: (done: number) => void = () => {},
): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const utterance of utterances) {
    const clip = clipOf(utterance);
    const draft = await model.transcribe(clip, { decoder: "ctc" });
    const plain = await model.transcribe(clip);
    const named = utterance.hotwords.length > 0;
    const hotwords = named ? await model.transcribe(clip, { hotwords: hotwordList(utterance) }) : plain;
    const distractors = await model.transcribe(clip, { hotwords: utterance.distractors });
    outcomes.push({ utterance, ctc: draft.text, plain, hotwords, distractors });
    onProgress(outcomes.length);
  }
  return outcomes;
}

/** Percent; see metrics.ts. `plain` figures are of utterances without names, whose spelling cannot be recognized by sound. */
export interface Figures {
  readonly utterances: number;
  readonly "zh.ctc.cer": number;
  readonly "zh.llm.cer": number;
  readonly "zh.llm.cer.plain": number;
  readonly "zh.llm.exact": number;
  readonly "en.ctc.wer": number;
  readonly "en.llm.wer": number;
  readonly "en.llm.wer.plain": number;
  readonly "en.llm.exact": number;
  /** On the utterances with names: no list, the right list, a wrong list. */
  readonly "hotwords.without": number;
  readonly "hotwords.with": number;
  readonly "hotwords.distractors": number;
}

export function score(outcomes: readonly Outcome[]): Figures {
  const of = (language: Language): Outcome[] =>
    outcomes.filter(({ utterance }) => utterance.language === language);
  const plain = (some: readonly Outcome[]): Outcome[] =>
    some.filter(({ utterance }) => utterance.hotwords.length === 0);
  const named = outcomes.filter(({ utterance }) => utterance.hotwords.length > 0);
  const llm = (kind: "plain" | "hotwords" | "distractors") => (outcome: Outcome) =>
    scored(outcome, outcome.utterance.written, outcome[kind].text);
  const ctc = (outcome: Outcome): Scored => scored(outcome, outcome.utterance.spoken, outcome.ctc);
  const [zh, en] = [of("zh"), of("en")];
  return {
    utterances: outcomes.length,
    "zh.ctc.cer": errorRate(zh.map(ctc)),
    "zh.llm.cer": errorRate(zh.map(llm("plain"))),
    "zh.llm.cer.plain": errorRate(plain(zh).map(llm("plain"))),
    "zh.llm.exact": exactRate(zh.map(llm("plain"))),
    "en.ctc.wer": errorRate(en.map(ctc)),
    "en.llm.wer": errorRate(en.map(llm("plain"))),
    "en.llm.wer.plain": errorRate(plain(en).map(llm("plain"))),
    "en.llm.exact": exactRate(en.map(llm("plain"))),
    "hotwords.without": errorRate(named.map(llm("plain"))),
    "hotwords.with": errorRate(named.map(llm("hotwords"))),
    "hotwords.distractors": errorRate(named.map(llm("distractors"))),
  };
}

function scored({ utterance }: Outcome, reference: string, hypothesis: string): Scored {
  return { language: utterance.language, reference, hypothesis };
}
