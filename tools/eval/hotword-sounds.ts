/**
 * By which rule English hotwords are compared by sound: what each rule finds and what it offers wrongly, by the smallest
 * score. `node dist/tools/eval/hotword-sounds.js`, after npm run build; about half a minute.
 *
 * `one`, `two`: names of that many words from the CMU Pronouncing Dictionary. `found`: percent of those that are written as
 * words that sound identical. `half`: percent of the names that are offered where only one of their two words was spoken.
 * `wrong`: names that are offered for a sentence without names, from a list of 1500. Words that are offered by their spelling
 * count as found, and not as wrong. `spoken`, `others`: the test set's utterances with names, ten offers at most from a list of
 * all its names; the spoken names that were offered, and other ones. There are two halves of all this: a rule is chosen
 * on the even groups of the dictionary and the even utterances, and checked on the odd ones.
 */
import { Hotwords, load } from "../../src/node.ts";
import { toPhonemes } from "../../src/text/hotwords/phonemes.ts";
import { searchesOf, soundIdentical } from "./homophones.ts";
import type { Search } from "./homophones.ts";
import { namesOf } from "./hotword-search.ts";
import { rules, searchIn, SPELLED } from "./sound-rules.ts";
import { clipOf, readTestSet, shipped } from "./test-set.ts";

const MOST_OFFERS = 10;

interface Named {
  readonly draft: string;
  readonly spoken: readonly string[];
}

/** For each rule, the names that are found by spelling or sound, and those that are offered by sound alone and were not spoken. */
function count(searches: readonly Search[]): { found: number; wrong: number }[] {
  const counts = rules.map(() => ({ found: 0, wrong: 0 }));
  let current: { readonly text: string; readonly find: ReturnType<typeof searchIn> } | undefined;
  for (const { name, text } of searches) {
    if (current?.text !== text) current = { text, find: searchIn(text) };
    const { spelled, read } = current.find(name);
    for (const [rule, counted] of counts.entries()) {
      const match = read[rule];
      if (spelled >= SPELLED || match !== undefined) counted.found++;
      if (spelled < SPELLED && match !== undefined && !soundIdentical(name, match.heard)) counted.wrong++;
    }
  }
  return counts;
}

/** For each rule, the spoken names that are offered, and the other ones. */
function offers(
  utterances: readonly Named[],
  names: readonly string[],
): { spoken: number; others: number }[] {
  const counts = rules.map(() => ({ spoken: 0, others: 0 }));
  const lengths = names.map((name) => [toPhonemes(name).length, toPhonemes(name, "read").length] as const);
  for (const { draft, spoken } of utterances) {
    const find = searchIn(draft);
    const found = names.map((name) => find(name));
    const hits = (scores: readonly number[], kind: 0 | 1) =>
      names.map((name, i) => ({ name, score: scores[i]!, length: lengths[i]![kind] }));
    const bySpelling = hits(
      found.map(({ spelled }) => spelled),
      0,
    );
    for (const [rule, counted] of counts.entries()) {
      const bySound = hits(
        found.map(({ read }) => read[rule]?.score ?? 0),
        1,
      );
      const ranked = [...bySpelling, ...bySound]
        .filter(({ score }) => score >= SPELLED)
        .sort((a, b) => b.score - a.score || b.length - a.length);
      const offered = [...new Set(ranked.map(({ name }) => name))].slice(0, MOST_OFFERS);
      counted.spoken += offered.filter((name) => spoken.includes(name)).length;
      counted.others += offered.filter((name) => !spoken.includes(name)).length;
    }
  }
  return counts;
}

const utterances = await readTestSet();
const names = namesOf(utterances);
const named: Named[] = [];
const plain: string[] = [];
{
  using model = await load(shipped());
  for (const utterance of utterances) {
    const { language, hotwords: spoken } = utterance;
    if (spoken.length === 0 && language === "zh") continue;
    const { text: draft } = await model.transcribe(clipOf(utterance), { decoder: "ctc" });
    if (spoken.length > 0) named.push({ draft, spoken });
    else plain.push(draft);
  }
}

const built = new Hotwords(names);
for (const part of [0, 1] as const) {
  const half = <Value>(values: readonly Value[]): Value[] => values.filter((_, i) => i % 2 === part);
  const texts = half(plain);
  const [one, two] = [searchesOf(part, 1, texts), searchesOf(part, 2, texts)];
  const percent = (some: number, of: readonly unknown[]): string => ((100 * some) / of.length).toFixed(2);
  const columns: [string, string[]][] = [
    ["one: found", count(one.spoken).map(({ found }) => percent(found, one.spoken))],
    ["wrong", count(one.absent).map(({ wrong }) => (wrong / texts.length).toFixed(2))],
    ["two: found", count(two.spoken).map(({ found }) => percent(found, two.spoken))],
    ["half", count(two.half).map(({ wrong }) => percent(wrong, two.half))],
    ["wrong", count(two.absent).map(({ wrong }) => (wrong / texts.length).toFixed(2))],
    ...(["spoken", "others"] as const).map((kind): [string, string[]] => [
      kind,
      offers(half(named), names).map((counted) => String(counted[kind])),
    ]),
  ];
  console.log(
    `${part === 0 ? "even" : "odd"} half`.padEnd(18) +
      "  least" +
      columns.map(([name]) => name.padStart(12)).join(""),
  );
  for (const [i, { name, least }] of rules.entries())
    console.log(
      name.padEnd(18) +
        least.toFixed(2).padStart(7) +
        columns.map(([, cells]) => cells[i]!.padStart(12)).join(""),
    );
  const matches = half(named).map(({ draft, spoken }) => ({ spoken, offered: built.match(draft) }));
  const sum = (wanted: boolean): number =>
    matches.flatMap(({ spoken, offered }) => offered.filter((name) => spoken.includes(name) === wanted))
      .length;
  console.log(
    `${"as built".padEnd(18)}${"".padStart(7 + 60)}${[sum(true), sum(false)].map((n) => String(n).padStart(12)).join("")}\n`,
  );
}
