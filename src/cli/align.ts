/** `fun-asr align`: when the words of a given text are said. */
import type { Command } from "commander";
import { Option } from "commander";
import { ALIGN_METHODS } from "../recognizers/times.ts";
import type { Transcript } from "../text/outputs/transcript.ts";
import { toWords } from "../text/timestamps/words.ts";
import type { AlignedText } from "../transcriber/transcriber.ts";
import { audioOptions, withModel } from "./audio-options.ts";
import type { AudioFlags } from "./audio-options.ts";
import { exitCodeOf, exitCodes, explain } from "./exit.ts";
import { joinParts, readGivenText } from "./given-text.ts";
import type { JoinedText } from "./given-text.ts";
import { checkOutputs, outputOptions, writeTranscript } from "./outputs.ts";
import type { OutputFlags } from "./outputs.ts";
import { numberWithin } from "./parse.ts";
import type { CommandContext } from "./program.ts";
import { table } from "./table.ts";

interface Flags extends AudioFlags, OutputFlags {
  readonly text: string;
  readonly align?: (typeof ALIGN_METHODS)[number];
  readonly alignOffset?: number;
  readonly json: boolean;
}

export function registerAlign(program: Command, { screen, finish }: CommandContext): void {
  const command = program.command("align").description("find when the words of a given text are said");
  outputOptions(audioOptions(command))
    .requiredOption(
      "--text <file>",
      "the text: plain (a line is a segment), .srt (its cues), or .json as -oj writes it",
    )
    .addOption(
      new Option("--align <method>", "how times are found (default: ctc-forced)").choices(ALIGN_METHODS),
    )
    .option("--align-offset <seconds>", "added to all times (default: 0)", numberWithin(-60, 60))
    .option("--json", "print JSON instead of a table of words", false)
    .action(async (flags: Flags) => {
      let given: JoinedText;
      try {
        given = joinParts(await readGivenText(flags.text));
        await checkOutputs([flags.file], flags, [flags.text]);
      } catch (error) {
        screen.note(explain(error));
        return finish(exitCodeOf(error, exitCodes.usage));
      }
      const code = await withModel(flags, screen, async (model, run) => {
        const { language, align: method, alignOffset: offset } = flags;
        const aligned = await model.align(flags.file, given.text, { language, method, offset, ...run });
        screen.result(flags.json ? JSON.stringify(aligned) : show(aligned));
        for (const { message } of aligned.warnings) screen.note(`${flags.file}: ${message}`);
        const { recognizedText, agreement, timings } = aligned;
        const extras = { file: flags.file, model: model.info, recognizedText, agreement, timings };
        await writeTranscript(flags.file, transcriptOf(aligned, given), extras, flags);
      });
      return finish(code);
    });
}

function show({ words }: AlignedText): string {
  return table(
    words.map(({ start, end, text, score, source }) => [
      start.toFixed(3),
      end.toFixed(3),
      text,
      score === undefined ? source : score.toFixed(3),
    ]),
  );
}

/** The parts as they were given, each with its times; several are the cues that were wanted, and not cut anew. */
function transcriptOf(
  { text, duration, characters, warnings }: AlignedText,
  { spans }: JoinedText,
): Transcript {
  const segments = spans.map(({ from, to }) => {
    const own = characters.slice(from, to);
    const words = toWords(own);
    const [first, last] = [words[0] ?? own[0], words.at(-1) ?? own.at(-1)];
    return {
      start: first?.start ?? 0,
      end: last?.end ?? 0,
      text: own.map((unit) => unit.text).join(""),
      characters: spans.length > 1 ? undefined : own,
      words,
    };
  });
  return { text, duration: duration ?? segments.at(-1)?.end ?? 0, segments, warnings };
}
