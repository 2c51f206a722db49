/**
 * Words that sound identical and differ in spelling, from the CMU Pronouncing Dictionary, as truth that does not depend on
 * our rules for English; and what is searched in what: names of one or two such words in texts.
 */
import { dictionary } from "cmu-pronouncing-dictionary";
import { seededRandom } from "../../src/decoding/random.ts";

/** A name in a list of hotwords, and a text. */
export interface Search {
  readonly name: string;
  readonly text: string;
}

export interface Searches {
  /** A name is spoken, and written as a word that sounds identical. */
  readonly spoken: readonly Search[];
  /** Half of a name is spoken: the other word is another one. */
  readonly half: readonly Search[];
  /** Each name of a list, in texts without names. */
  readonly absent: readonly Search[];
}

const PAIRS = 3000;
const LIST = 1500;

/** Every second group of words that sound identical, from the first or the second on. */
function groupsOf(part: 0 | 1): string[][] {
  const groups = new Map<string, Set<string>>();
  for (const [entry, sounds] of Object.entries(dictionary)) {
    const word = entry.replace(/\(\d\)$/u, "");
    if (!/^[a-z]{3,}$/u.test(word)) continue;
    const unstressed = sounds.replaceAll(/\d/gu, "");
    groups.set(unstressed, (groups.get(unstressed) ?? new Set()).add(word));
  }
  const several = [...groups.values()].filter(({ size }) => size > 1);
  return several.map((words) => [...words]).filter((_, i) => i % 2 === part);
}

/** Whether two names have a pronunciation in common, word by word. */
export function soundIdentical(one: string, other: string): boolean {
  const [words, others] = [one.split(" "), other.split(" ")];
  return (
    words.length === others.length &&
    words.every((word, i) =>
      pronunciations(word).some((sounds) => pronunciations(others[i]!).includes(sounds)),
    )
  );
}

function pronunciations(word: string): string[] {
  return [word, `${word}(1)`, `${word}(2)`, `${word}(3)`].flatMap(
    (entry) => dictionary[entry]?.replaceAll(/\d/gu, "") ?? [],
  );
}

/** Searches for names of `words` words, from one half of the dictionary; `texts` are those without names. */
export function searchesOf(part: 0 | 1, words: 1 | 2, texts: readonly string[]): Searches {
  const groups = groupsOf(part);
  const random = seededRandom(words);
  const pick = <Value>(values: readonly Value[]): Value => values[Math.floor(random() * values.length)]!;
  const count = Array.from({ length: words });
  const sentence = (name: string): string => `do you know ${name} from seattle`;
  const spoken = Array.from({ length: PAIRS }, () => {
    const both = count.map(() => {
      const group = pick(groups);
      const word = pick(group);
      return [word, pick(group.filter((other) => other !== word))] as const;
    });
    const [name, written] = [both.map(([word]) => word).join(" "), both.map(([, word]) => word).join(" ")];
    return { name, text: sentence(written) };
  });
  const half = spoken.flatMap(({ name }, i) => {
    const [one, other] = [pick(pick(groups)), pick(pick(groups))];
    const known = name.split(" ")[0]!;
    const [wanted, written] =
      i % 2 === 0 ? [`${known} ${one}`, `${known} ${other}`] : [`${one} ${known}`, `${other} ${known}`];
    return soundIdentical(wanted, written) ? [] : [{ name: wanted, text: sentence(written) }];
  });
  const list = Array.from({ length: LIST }, () => count.map(() => pick(pick(groups))).join(" "));
  const absent = texts.flatMap((text) => list.map((name) => ({ name, text })));
  return { spoken, half: words === 2 ? half : [], absent };
}
