/** `fun-asr ctc`: the output of the CTC branch, frame by frame. */
import { basename } from "node:path";
import { runWithHooks } from "../activations/run-with-hooks.ts";
import type { Hook } from "../nn/hook-point.ts";
import { reportPass } from "../report/run.ts";
import type { Transcriber } from "../transcriber/transcriber.ts";
import type { CtcDraft } from "../transcriber/types.ts";
import { defineCommand } from "./command.ts";
import { jsonFlag, recordingFlags } from "./flags/shared.ts";
import { guard, outputPath, refuseMixing } from "./guard.ts";
import { loadModel } from "./load-model.ts";
import { table } from "./content.ts";
import type { Content } from "./content.ts";
import { audioArgument, oneRecording } from "./recording.ts";

export const ctc = defineCommand({
  arguments: [audioArgument],
  flags: {
    ...recordingFlags,
    topk: {
      group: "Output",
      placeholder: "k",
      value: { kind: "number", least: 1, most: 100, whole: true },
      initial: 5,
      help: "number of labels per frame",
    },
    all: {
      group: "Output",
      value: { kind: "boolean" },
      help: "also print the frames whose best label is the blank",
    },
    ...jsonFlag,
    html: {
      group: "Output",
      placeholder: "file",
      value: { kind: "text" },
      parse: outputPath,
      help: "write a page that shows the probabilities of the labels (self-contained HTML)",
    },
  },
  async run(run, flags, args) {
    const file = oneRecording(flags, args);
    const { language, topk: topK, html, backend, threads } = flags;
    refuseMixing("--html", html);
    await guard(html, flags, [file]);
    const work = run.start({ progress: flags.print });
    using model = await loadModel(flags, { backend, threads, ...work }, run.screen);
    const print = async (hook?: Hook): Promise<CtcDraft> => {
      const draft = await model.ctc(file, { language, topK, ...work, hook });
      run.screen.result(flags.json ? JSON.stringify(draft) : show(draft, flags.all));
      return draft;
    };
    await (html === undefined ? print() : draw(html, model, basename(file), print));
  },
});

/** Writes a page about the pass that prints the text. */
async function draw(
  page: string,
  model: Transcriber,
  audioName: string,
  print: (hook: Hook) => Promise<CtcDraft>,
): Promise<void> {
  await reportPass(page, model, { audioName, stages: ["ctc.log_probs"] }, async (capture) => {
    const { result } = await runWithHooks(model.stages(), capture, print);
    return result;
  });
}

/** The text, then a row per frame: its time in seconds and its labels with their probabilities; `-` is the blank. */
function show({ text, frames }: CtcDraft, all: boolean): Content {
  const spoken = frames.filter(({ labels }) => all || labels[0]?.text !== "");
  const rows = spoken.map(({ time, labels }) => [
    time.toFixed(2),
    ...labels.map(
      (label) => `${label.text === "" ? "-" : label.text.trim()} ${label.probability.toFixed(3)}`,
    ),
  ]);
  return rows.length === 0 ? text : [text, table(rows)];
}
