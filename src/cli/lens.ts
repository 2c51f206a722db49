/** `fun-asr lens`: the output of each layer, read through the final norm and head of the model (logit lens). */
import type { LensLayer } from "../recognizers/logit-lens.ts";
import { defineCommand } from "./command.ts";
import { jsonFlag, singlePassFlags } from "./flags/shared.ts";
import { startSinglePass } from "./single-pass.ts";
import { table } from "./content.ts";
import type { Table } from "./content.ts";
import { lens as readLens } from "../transcriber/inspect.ts";
import { audioArgument, oneRecording } from "./recording.ts";

export const lens = defineCommand({
  arguments: [audioArgument],
  flags: {
    of: {
      group: "Lens",
      placeholder: "head",
      value: { kind: "choice", values: ["llm", "ctc"] },
      initial: "llm",
      help: "layers of the language model (llm), or of the encoder read by the CTC head (ctc)",
    },
    top: {
      group: "Lens",
      placeholder: "k",
      value: { kind: "number", least: 1, most: 100, whole: true },
      initial: 1,
      help: "number of labels per row in the JSON",
    },
    ...singlePassFlags,
    ...jsonFlag,
  },
  async run(run, flags, args) {
    const audio = oneRecording(flags, args);
    const pass = startSinglePass(run, flags);
    using model = await pass.load();
    const layers = await readLens(model, audio, { ...pass.options, of: flags.of, top: flags.top });
    run.screen.result(flags.json ? JSON.stringify(layers, undefined, 1) : asText(layers));
  },
});

function asText(layers: readonly LensLayer[]): Table {
  const rows = layers.map(({ name, agreement, text }) => [
    name,
    `${(100 * agreement).toFixed(0)}%`,
    text.replaceAll("\n", "⏎"),
  ]);
  return table([["layer", "agreement", "text"], ...rows]);
}
