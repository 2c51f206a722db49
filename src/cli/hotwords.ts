/** `fun-asr hotwords`: which words of a list would be offered for a draft, without audio. */
import type { Command } from "commander";
import { splitHotwords, parseHotwords } from "../text/hotwords/hot-file.ts";
import { Hotwords } from "../text/hotwords/hotwords.ts";
import type { HotwordHit } from "../text/hotwords/hotwords.ts";
import { readText } from "../adapters/node/text-file.ts";
import { exitCodeOf, exitCodes, explain } from "./exit.ts";
import { numberWithin, wholeNumber } from "./parse.ts";
import type { CommandContext } from "./program.ts";
import { table } from "./table.ts";

interface Flags {
  readonly file?: string;
  readonly words?: string;
  readonly text?: string;
  readonly textFile?: string;
  readonly threshold?: number;
  readonly max?: number;
  readonly explain: boolean;
  readonly json: boolean;
}

export function registerHotwords(program: Command, { screen, finish }: CommandContext): void {
  program
    .command("hotwords")
    .description("try a list of hotwords on a text, without audio")
    .option("--file <file>", "the list: one word a line, # for comments")
    .option("--words <words>", "the list, separated by commas")
    .option("--text <text>", "what the CTC branch heard")
    .option("--text-file <file>", "the same from a file")
    .option(
      "--threshold <score>",
      "how alike a word must sound to be offered (default: 0.6)",
      numberWithin(0, 1),
    )
    .option("--max <count>", "how many are offered at most (default: 10)", wholeNumber(0, 1000))
    .option("--explain", "show near misses as well, and the alignment of the sounds", false)
    .option("--json", "print JSON", false)
    .action(async (flags: Flags) => {
      try {
        if ((flags.file ?? flags.words) === undefined || (flags.text ?? flags.textFile) === undefined) {
          screen.note("wanted a list (--file or --words) and a text (--text or --text-file)");
          return finish(exitCodes.usage);
        }
        const hits = await search(flags);
        const shown = flags.explain ? hits : hits.filter(({ offered }) => offered);
        if (flags.json) screen.result(JSON.stringify(shown));
        else if (flags.explain) screen.result(explanation(shown));
        else for (const { word } of shown) screen.result(word);
        return finish(exitCodes.fine);
      } catch (error) {
        screen.note(explain(error));
        return finish(exitCodeOf(error, exitCodes.usage));
      }
    });
}

async function search(flags: Flags): Promise<HotwordHit[]> {
  const { threshold, max } = flags;
  const listed = flags.file === undefined ? [] : parseHotwords(await readText(flags.file));
  const words = [...splitHotwords(flags.words ?? ""), ...listed];
  const text = flags.text ?? (await readText(flags.textFile ?? ""));
  return new Hotwords(words, {
    ...(threshold === undefined ? {} : { threshold }),
    ...(max === undefined ? {} : { max }),
  }).explain(text);
}

/** A row for each word: its sounds over those that were heard, `·` where one is missing. */
function explanation(hits: readonly HotwordHit[]): string {
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
  return table([["word", "", "score", "coarse", "heard", "at", "sounds (wanted/heard)"], ...rows]);
}
