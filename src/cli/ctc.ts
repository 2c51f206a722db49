/** `fun-asr ctc`: what the CTC branch hears, frame by frame. */
import { basename } from "node:path";
import type { Command } from "commander";
import { runWithHooks } from "../activations/run-with-hooks.ts";
import type { Hook } from "../nn/hook-point.ts";
import { reportPass } from "../report/run.ts";
import type { CtcDraft, Transcriber } from "../transcriber/transcriber.ts";
import { audioOptions, withModel } from "./audio-options.ts";
import type { AudioFlags } from "./audio-options.ts";
import { wholeNumber } from "./parse.ts";
import type { CommandContext } from "./program.ts";
import { table } from "./table.ts";

interface Flags extends AudioFlags {
  readonly topk: number;
  readonly all: boolean;
  readonly json: boolean;
  readonly html?: string;
}

export function registerCtc(program: Command, { screen, finish }: CommandContext): void {
  const command = program
    .command("ctc")
    .description("the CTC draft of a recording, and its best labels by frame");
  audioOptions(command)
    .option("--topk <count>", "labels of each frame", wholeNumber(1, 100), 5)
    .option("--all", "show frames of silence as well", false)
    .option("--json", "print JSON", false)
    .option("--html <file>", "also draw the probabilities of the labels, as a page of its own")
    .action(async (flags: Flags) => {
      const code = await withModel(flags, screen, async (model, run) => {
        const { file, language, topk: topK, html } = flags;
        const hear = async (hook?: Hook): Promise<CtcDraft> => {
          const draft = await model.ctc(file, { language, topK, ...run, hook });
          screen.result(flags.json ? JSON.stringify(draft) : show(draft, flags.all));
          return draft;
        };
        await (html === undefined ? hear() : draw(html, model, basename(file), hear));
      });
      finish(code);
    });
}

/** A page of the pass that hears the draft. */
async function draw(
  page: string,
  model: Transcriber,
  audioName: string,
  hear: (hook: Hook) => Promise<CtcDraft>,
): Promise<void> {
  await reportPass(page, model, { audioName, stages: ["ctc.log_probs"] }, async (capture) => {
    const { result } = await runWithHooks(model.stages(), capture, hear);
    return result;
  });
}

/** The text, then for each frame its time and its labels with their probabilities; `-` is the blank. */
function show({ text, frames }: CtcDraft, all: boolean): string {
  const spoken = frames.filter(({ labels }) => all || labels[0]?.text !== "");
  const rows = spoken.map(({ time, labels }) => [
    time.toFixed(2),
    ...labels.map(
      (label) => `${label.text === "" ? "-" : label.text.trim()} ${label.probability.toFixed(3)}`,
    ),
  ]);
  return rows.length === 0 ? text : `${text}\n\n${table(rows)}`;
}
