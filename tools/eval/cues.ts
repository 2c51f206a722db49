/**
 * How subtitles meet what style guides ask for: of an hour-long talk made of the demo model's clips, of a result as
 * `transcribe -ojf` writes it, or of any SubRip file, also with the result that it was made from.
 */
import { readFile, writeFile } from "node:fs/promises";
import { load } from "../../src/node.ts";
import { OUTPUT_FORMATS } from "../../src/text/outputs/formats.ts";
import type { Transcript } from "../../src/text/outputs/transcript.ts";
import { talk } from "../../test/helpers/builders/talk.ts";
import { commandLine } from "../flags.ts";
import { cueFigures, readSubRip } from "./cue-figures.ts";
import { shipped } from "./test-set.ts";

const help = `node dist/tools/eval/cues.js [RESULT.json] [FILE.srt] [--seconds N] [--save RESULT.json] [--srt FILE.srt]

  --seconds N          length of the talk (3600), where neither file is given
  --save RESULT.json   keep the talk's result, so that another state of the program can be measured on it
  --srt FILE.srt       write the subtitles`;
const options = {
  seconds: { type: "string", default: "3600" },
  save: { type: "string" },
  srt: { type: "string" },
} as const;
const { values: flags, positionals } = commandLine(help, options, 2);
const file = (extension: string): string | undefined => positionals.find((name) => name.endsWith(extension));
const [json, srt] = [file(".json"), file(".srt")];

const transcript = json === undefined ? undefined : (JSON.parse(await readFile(json, "utf8")) as Transcript);
if (srt === undefined) {
  const spoken = transcript ?? (await hour());
  const made = OUTPUT_FORMATS.srt.write(spoken);
  if (flags.srt !== undefined) await writeFile(flags.srt, made);
  show(made, spoken.text);
} else show(await readFile(srt, "utf8"), transcript?.text);

async function hour(): Promise<Transcript> {
  const { samples } = await talk(7, { seconds: Number(flags.seconds) });
  using model = await load(shipped());
  const {
    text,
    segments,
    duration = 0,
  } = await model.transcribe(samples, {
    timestamps: "word",
    onSegment: ({ end }) => process.stderr.write(process.stderr.isTTY ? `\r${Math.round(end)} s ` : ""),
  });
  const spoken = { text, duration, segments };
  if (flags.save !== undefined)
    await writeFile(flags.save, OUTPUT_FORMATS.json.write(spoken, { name: "talk" }));
  return spoken;
}

function show(content: string, spoken?: string): void {
  for (const [name, figure] of Object.entries(cueFigures(readSubRip(content), spoken)))
    console.log(`${name.padEnd(42)}${String(figure).padStart(7)}`);
}
