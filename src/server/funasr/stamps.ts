/** The times of words as FunASR's two servers write them: that in Python as lists, that in C++ as a text, with sentences. */
import type { TimedText } from "../../text/timestamps/timed.ts";

/** Which of the two servers a client was written for. */
export type FunasrForm = "python" | "c++";

const milliseconds = ({ start, end }: TimedText): readonly [number, number] => [
  Math.round(1000 * start),
  Math.round(1000 * end),
];

/** The members of a message; none where there are no times. */
export function stampsOf(words: readonly TimedText[], form: FunasrForm): object {
  if (words.length === 0) return {};
  const stamps = words.map(milliseconds);
  if (form === "python") return { timestamp: stamps };
  return { timestamp: JSON.stringify(stamps), stamp_sents: sentencesOf(words) };
}

/** The words up to each mark of punctuation, with spaces between them. */
function sentencesOf(words: readonly TimedText[]): object[] {
  const sentences: object[] = [];
  let from = 0;
  for (const [i, { text }] of words.entries()) {
    const [punc = ""] = /\p{P}+$/u.exec(text) ?? [];
    if (punc === "" && i < words.length - 1) continue;
    const own = words.slice(from, i + 1);
    const bare = own.map((word) => word.text.replace(/^\p{P}+|\p{P}+$/gu, ""));
    const stamps = own.map(milliseconds);
    sentences.push({
      text_seg: bare.join(" "),
      punc,
      start: stamps[0]![0],
      end: stamps.at(-1)![1],
      ts_list: stamps,
    });
    from = i + 1;
  }
  return sentences;
}
