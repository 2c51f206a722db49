/** `fun-asr lens`: what each layer would say if it were the last. */
import { Option } from "commander";
import type { Command } from "commander";
import type { LensLayer } from "../recognizers/logit-lens.ts";
import { exitCodes } from "./exit.ts";
import { inLaboratory, passOptions } from "./laboratory.ts";
import type { PassFlags } from "./laboratory.ts";
import { wholeNumber } from "./parse.ts";
import type { CommandContext } from "./program.ts";
import { table } from "./table.ts";

interface Flags extends PassFlags {
  readonly of: "llm" | "ctc";
  readonly top: number;
  readonly json: boolean;
}

export function registerLens(program: Command, { screen, finish }: CommandContext): void {
  passOptions(
    program
      .command("lens")
      .description("read each layer through the last norm and head, as if it were the last"),
  )
    .argument("<audio>", "an audio file")
    .addOption(
      new Option("--of <head>", "the language model's layers, or the encoder's by the CTC branch")
        .choices(["llm", "ctc"])
        .default("llm"),
    )
    .option("--top <count>", "labels of each row, in the JSON", wholeNumber(1, 100), 1)
    .option("--json", "print every row as JSON", false)
    .action(async (audio: string, flags: Flags) => {
      const code = await inLaboratory(flags, screen, async (laboratory) => {
        using model = await laboratory.load(flags, flags.backend);
        const layers = await model.lens(audio, { ...laboratory.options, of: flags.of, top: flags.top });
        screen.result(flags.json ? JSON.stringify(layers, undefined, 1) : asText(layers));
        return exitCodes.fine;
      });
      finish(code);
    });
}

function asText(layers: readonly LensLayer[]): string {
  const rows = layers.map(({ name, agreement, text }) => [
    name,
    `${(100 * agreement).toFixed(0)}%`,
    text.replaceAll("\n", "⏎"),
  ]);
  return table([["layer", "as the last", "what it says"], ...rows]);
}
