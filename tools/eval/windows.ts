/**
 * Error rates of the demo model on long talks, by the length of windows and pauses at which they are cut. The choice is
 * made on the validation set; its result is what the model's file recommends.
 */
import { load } from "../../src/node.ts";
import type { ChunkOptions } from "../../src/node.ts";
import { joinTexts } from "../../src/longform/segment.ts";
import { talk } from "../../test/helpers/builders/talk.ts";
import { commandLine } from "../flags.ts";
import { errorRate } from "./metrics.ts";
import type { Language } from "./metrics.ts";
import { readTestSet, shipped } from "./test-set.ts";

const help = `node dist/tools/eval/windows.js [flags]

  --set NAME        validation or test (validation)
  --seconds N       length of each talk (300)
  --windows LIST    lengths of windows in seconds, such as 30,15 (default,30,20,10)
  --pauses LIST     pauses at which they are cut, in seconds (default,0.2,0.3,0.4,0.5,0.6,0.8)
  --gaps MIN,MAX    silence between utterances, in seconds (0.2,1.2)

default stands for what the model's file recommends.`;
const { values: flags } = commandLine(help, {
  set: { type: "string", default: "validation" },
  seconds: { type: "string", default: "300" },
  windows: { type: "string", default: "default,30,20,10" },
  pauses: { type: "string", default: "default,0.2,0.3,0.4,0.5,0.6,0.8" },
  gaps: { type: "string", default: "0.2,1.2" },
});
const [least, most] = flags.gaps.split(",").map(Number) as [number, number];
const numbers = (list: string): (number | undefined)[] =>
  list.split(",").map((value) => (value === "default" ? undefined : Number(value)));

const utterances = await readTestSet(flags.set === "test" ? "test" : "validation");
using model = await load(shipped());
console.log(`${"window".padStart(8)}${"pause".padStart(8)}${"zh CER".padStart(9)}${"en WER".padStart(9)}`);
for (const seconds of numbers(flags.windows)) {
  for (const pause of numbers(flags.pauses)) {
    const rates = [await rate("zh", { seconds, pause }), await rate("en", { seconds, pause })];
    const settings = [seconds, pause].map((value) => String(value ?? "default").padStart(8)).join("");
    console.log(`${settings}${rates.map((percent) => percent.toFixed(2).padStart(9)).join("")}`);
  }
}

/** Percent, over the sentences of one language whose spelling can be recognized by sound. */
async function rate(language: Language, chunk: ChunkOptions): Promise<number> {
  const plain = utterances.filter((one) => one.language === language && one.hotwords.length === 0);
  const seconds = Number(flags.seconds);
  const { samples, clips } = await talk(7, { seconds, least, most, utterances: plain });
  const reference = joinTexts(clips.map(({ utterance }) => utterance.written));
  const { text } = await model.transcribe(samples, { chunk });
  return errorRate([{ language, reference, hypothesis: text }]);
}
