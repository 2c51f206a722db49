/** `fun-asr align`: timestamps for the words of a given text. */
import type { Transcript } from "../text/outputs/transcript.ts";
import { toWords } from "../text/timestamps/words.ts";
import { UsageError } from "../errors.ts";
import type { AlignedText } from "../transcriber/types.ts";
import { defineCommand } from "./command.ts";
import { outputFlags } from "./flags/outputs.ts";
import { alignFlags, jsonFlag, recordingFlags } from "./flags/shared.ts";
import { joinParts, readGivenText } from "./given-text.ts";
import type { JoinedText } from "./given-text.ts";
import { inputsOf } from "./guard.ts";
import { loadModel } from "./load-model.ts";
import { checkOutputs, toStandardOutput, writeTranscript } from "./outputs.ts";
import { table } from "./content.ts";
import type { Table } from "./content.ts";
import { audioArgument, oneRecording } from "./recording.ts";

export const align = defineCommand({
  arguments: [audioArgument],
  flags: {
    ...recordingFlags,
    text: {
      group: "Input",
      placeholder: "file",
      value: { kind: "text" },
      required: true,
      help: "text of the recording: plain (a segment per line), .srt or .vtt (its cues), or .json (as written by -oj)",
    },
    ...alignFlags,
    ...jsonFlag,
    ...outputFlags,
  },
  async run(run, flags, args) {
    const file = oneRecording(flags, args);
    const { language, backend, threads } = flags;
    const { parts, cues } = await readGivenText(flags.text);
    const given = joinParts(parts);
    const bases = await checkOutputs([file], flags, inputsOf(flags, [file]));
    if (flags.json && toStandardOutput(flags)) {
      throw new UsageError("bad_option", "--json", "standard output, which gets the output file", {
        wanted: "--json, or --output-file -",
      });
    }
    const work = run.start({ progress: flags.print });
    using model = await loadModel(flags, { backend, threads, ...work }, run.screen);
    const options = { language, method: flags.align, offset: flags.alignOffset, ...work };
    const aligned = await model.align(file, given.text, options);
    if (!toStandardOutput(flags)) run.screen.result(flags.json ? JSON.stringify(aligned) : show(aligned));
    for (const { message } of aligned.warnings) run.screen.note(`${file}: ${message}`);
    const transcript = transcriptOf(aligned, given);
    const output = { file, base: bases.get(file)! };
    const document = { file, model: model.info, ...aligned, ...transcript };
    await writeTranscript(output, transcript, document, flags, { borders: cues ? "cues" : "segments" });
  },
});

function show({ words }: AlignedText): Table {
  return table(
    words.map(({ start, end, text, score, source }) => [
      start.toFixed(3),
      end.toFixed(3),
      text,
      score === undefined ? source : score.toFixed(3),
    ]),
  );
}

/** The parts of the text with their times. */
function transcriptOf({ text, duration, characters }: AlignedText, { spans }: JoinedText): Transcript {
  const segments = spans.map(({ from, to }, id) => {
    const own = characters.slice(from, to);
    const words = toWords(own);
    const [first, last] = [words[0] ?? own[0], words.at(-1) ?? own.at(-1)];
    return {
      id,
      start: first?.start ?? 0,
      end: last?.end ?? 0,
      text: own.map((unit) => unit.text).join(""),
      characters: own,
      words,
    };
  });
  return { text, duration: duration ?? segments.at(-1)?.end ?? 0, segments };
}
