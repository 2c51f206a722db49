/** `fun-asr report`: one run from the inside as a page, with the differences from a reference archive if one is named. */
import { basename } from "node:path";
import type { Command } from "commander";
import { openArchive } from "../diff/archives/index.ts";
import { diff } from "../diff/diff.ts";
import { reportRun } from "../report/run.ts";
import type { Transcriber } from "../transcriber/transcriber.ts";
import type { Terminal } from "./console.ts";
import { exitCodes } from "./exit.ts";
import { inLaboratory, passOptions } from "./laboratory.ts";
import type { Laboratory, PassFlags } from "./laboratory.ts";
import type { CommandContext } from "./program.ts";

interface Flags extends PassFlags {
  readonly file: string;
  readonly against?: string;
  readonly output: string;
}

export function registerReport(program: Command, { screen, finish }: CommandContext): void {
  passOptions(program.command("report").description("draw what happens inside the model while it listens"))
    .requiredOption("-f, --file <audio>", "the audio file")
    .option("--against <archive>", "a reference's stages, to compare with and to draw beside ours")
    .requiredOption("-o, --output <file>", "the page (HTML, self-contained)")
    .action(async (flags: Flags) => {
      const code = await inLaboratory(flags, screen, async (laboratory) => {
        using model = await laboratory.load(flags, flags.backend);
        await report(model, flags, laboratory, screen);
        return exitCodes.fine;
      });
      finish(code);
    });
}

async function report(
  model: Transcriber,
  { file, against, output }: Flags,
  { options }: Laboratory,
  screen: Terminal,
): Promise<void> {
  const page = { audioName: basename(file), run: options };
  if (against === undefined) {
    await reportRun(output, model, file, page);
  } else {
    await using reference = await openArchive(against);
    const difference = await diff(model, reference, file, options);
    await reportRun(output, model, file, { ...page, reference, difference });
  }
  screen.note(`wrote ${output}`);
}
