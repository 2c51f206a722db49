/** `fun-asr hotwords`: the hotwords of a list that a text would bring into the prompt, without audio. */
import { readText } from "../adapters/node/text-file.ts";
import { UsageError } from "../errors.ts";
import { hotwordListOptions } from "../options/table.ts";
import { splitHotwords, parseHotwords } from "../text/hotwords/hot-file.ts";
import { Hotwords } from "../text/hotwords/hotwords.ts";
import type { HotwordHit } from "../text/hotwords/hotwords.ts";
import { defineCommand } from "./command.ts";
import type { FlagTable, FlagValues } from "./flags/flag.ts";
import { jsonFlag } from "./flags/shared.ts";
import { table } from "./content.ts";
import type { Table } from "./content.ts";

const flags = {
  file: {
    group: "Input",
    placeholder: "file",
    value: { kind: "text" },
    help: "file of hotwords, one per line; # starts a comment",
  },
  words: {
    group: "Input",
    placeholder: "words",
    value: { kind: "text" },
    parse: splitHotwords,
    help: "hotwords, separated by commas",
  },
  text: {
    group: "Input",
    placeholder: "text",
    value: { kind: "text" },
    help: "text of the CTC branch to search",
  },
  textFile: {
    group: "Input",
    placeholder: "file",
    value: { kind: "text" },
    help: "file with the text to search",
  },
  threshold: { ...hotwordListOptions.threshold, group: "Search", placeholder: "score" },
  max: { ...hotwordListOptions.max, group: "Search", placeholder: "count" },
  explain: {
    group: "Output",
    value: { kind: "boolean" },
    help: "print a table of scores and phoneme alignments, with near misses",
  },
  ...jsonFlag,
} as const satisfies FlagTable;

export const hotwords = defineCommand({
  flags,
  async run({ screen }, given) {
    const hits = await search(given);
    const shown = given.explain ? hits : hits.filter(({ offered }) => offered);
    if (given.json) screen.result(JSON.stringify(shown));
    else if (given.explain) screen.result(explanation(shown));
    else for (const { word } of shown) screen.result(word);
  },
});

async function search(given: FlagValues<typeof flags>): Promise<HotwordHit[]> {
  const { file, words = [], threshold, max } = given;
  const text = given.text ?? (given.textFile === undefined ? undefined : await readText(given.textFile));
  if ((file === undefined && words.length === 0) || text === undefined) {
    throw new UsageError("bad_option", "hotwords", "no list or no text", {
      wanted: "a list (--file or --words) and a text (--text or --text-file)",
    });
  }
  const listed = file === undefined ? [] : parseHotwords(await readText(file));
  return new Hotwords([...words, ...listed], {
    ...(threshold === undefined ? {} : { threshold }),
    ...(max === undefined ? {} : { max }),
  }).explain(text);
}

/** A row for each word: its phonemes over those of the text, `·` for a missing one. */
function explanation(hits: readonly HotwordHit[]): Table {
  const rows = hits.map(({ word, offered, score, prefilterScore, heard, start, end, pairs }) => [
    word,
    offered ? "offered" : "not",
    score.toFixed(3),
    prefilterScore.toFixed(3),
    heard,
    `${start}-${end}`,
    pairs
      .map(({ wanted, heard: sound, cost }) => {
        const [left, right] = [wanted?.value ?? "·", sound?.value ?? "·"];
        return cost === 0 ? left : `${left}/${right}`;
      })
      .join(" "),
  ]);
  return table([["word", "", "score", "prefilter", "found in text", "at", "phonemes (word/text)"], ...rows]);
}
