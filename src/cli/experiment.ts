/** What `patch` and `ablate` share: one recording, heard by the model as it is and then by what is made of it. */
import type { Command } from "commander";
import type { Interventions } from "../activations/interventions.ts";
import type { Transcriber } from "../transcriber/transcriber.ts";
import { effectsText } from "./effect-text.ts";
import type { NamedEffect } from "./effect-text.ts";
import { exitCodes } from "./exit.ts";
import { inLaboratory, passOptions, range } from "./laboratory.ts";
import type { Laboratory, PassFlags } from "./laboratory.ts";
import type { CommandContext } from "./program.ts";

export interface ExperimentFlags extends PassFlags {
  readonly frames?: string;
  readonly columns?: string;
  readonly json: boolean;
}

export function experimentOptions(command: Command): Command {
  return passOptions(
    command
      .argument("<audio>", "an audio file")
      .option("--frames <range>", "these rows only, e.g. 10-40")
      .option("--columns <range>", "these columns only")
      .option("--json", "print everything as JSON", false),
  );
}

/** The action of such a command, which prints what `run` says becomes of the recording. */
export function experiment<Flags extends ExperimentFlags>(
  { screen, finish }: CommandContext,
  run: (model: Transcriber, audio: string, flags: Flags, laboratory: Laboratory) => Promise<NamedEffect[]>,
): (audio: string, flags: Flags) => Promise<void> {
  return async (audio, flags) => {
    const code = await inLaboratory(flags, screen, async (laboratory) => {
      using model = await laboratory.load(flags, flags.backend);
      const effects = await run(model, audio, flags, laboratory);
      screen.result(flags.json ? JSON.stringify(effects, undefined, 1) : effectsText(effects));
      return exitCodes.fine;
    });
    finish(code);
  };
}

/** The part of a stage that the flags name. */
export function partOf({ frames, columns }: ExperimentFlags): Part {
  return { frames: range("--frames", frames), columns: range("--columns", columns) };
}

type Part = Pick<NonNullable<Interventions["patch"]>[number], "frames" | "columns">;
