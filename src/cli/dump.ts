/** `fun-asr dump`: the activations of one pass to an archive, or their list. */
import { basename } from "node:path";
import { Option } from "commander";
import type { Command } from "commander";
import { archiveFormats, createArchive } from "../diff/archives/index.ts";
import type { ArchiveFormat } from "../diff/archives/index.ts";
import { globs } from "../activations/stage-pattern.ts";
import { UsageError } from "../errors.ts";
import type { Activation } from "../activations/recorder.ts";
import type { StageInfo } from "../nn/hook-point.ts";
import type { Transcriber } from "../transcriber/transcriber.ts";
import { version } from "../version.ts";
import type { Terminal } from "./console.ts";
import { exitCodes } from "./exit.ts";
import type { ExitCode } from "./exit.ts";
import { inLaboratory, list, passOptions } from "./laboratory.ts";
import type { Laboratory, PassFlags } from "./laboratory.ts";
import type { CommandContext } from "./program.ts";
import { size, table } from "./table.ts";

interface Flags extends PassFlags {
  readonly output?: string;
  readonly stages: string;
  readonly format?: ArchiveFormat;
  readonly steps: boolean;
  readonly list: boolean;
}

export function registerDump(program: Command, { screen, finish }: CommandContext): void {
  passOptions(
    program.command("dump").description("write a model's activations while it listens to an archive"),
  )
    .argument("[audio]", "an audio file")
    .option("-o, --output <path>", "the archive: .safetensors, .npz, .gguf, or a folder of .npy files")
    .option("--stages <patterns>", "which, separated by commas; * matches anything", "*")
    .addOption(new Option("--format <format>", "by the output's ending unless given").choices(archiveFormats))
    .option("--steps", "also the activations of each generated token, as NAME@TOKEN", false)
    .option("--list", "list the stages and their shapes instead", false)
    .action(async (audio: string | undefined, flags: Flags) => {
      finish(await inLaboratory(flags, screen, (laboratory) => dump(audio, flags, laboratory, screen)));
    });
}

async function dump(
  audio: string | undefined,
  flags: Flags,
  laboratory: Laboratory,
  screen: Terminal,
): Promise<ExitCode> {
  const patterns = list(flags.stages) ?? [];
  const { output } = flags;
  if (!flags.list && (audio === undefined || output === undefined)) {
    throw new UsageError("bad_option", "dump", "no audio file, or no --output", {
      wanted: "both, or --list",
    });
  }
  using model = await laboratory.load(flags, flags.backend);
  if (flags.list) screen.result(listed(model.stages(), globs(patterns)));
  else await write(model, audio!, output!, { ...flags, patterns }, laboratory, screen);
  return exitCodes.fine;
}

/** Streams the stages to the disk: the pass waits where writing is slower, and memory holds a layer at a time. */
async function write(
  model: Transcriber,
  audio: string,
  output: string,
  { patterns, format, steps }: Pick<Flags, "format" | "steps"> & { readonly patterns: readonly string[] },
  { options }: Laboratory,
  screen: Terminal,
): Promise<void> {
  await using archive = await createArchive(output, { format });
  let count = 0;
  let bytes = 0;
  const sink = async ({ name, shape, values }: Activation): Promise<void> => {
    await archive.add(name, shape, values);
    count++;
    bytes += values.byteLength;
  };
  const { transcription } = await model.run(audio, { ...options, capture: patterns, steps, sink });
  const { source, architecture, dialect, backend } = model.info;
  const { text = "", tokens = [] } = transcription ?? {};
  const described = { producer: `fun-asr ${version}`, model: source, architecture, dialect, backend };
  const heard = { audio: basename(audio), text, tokens: JSON.stringify(tokens) };
  await archive.finish(new Map(Object.entries({ ...described, ...heard })));
  screen.note(`wrote ${output}: ${count} stages, ${size(bytes)}`);
}

function listed(stages: readonly StageInfo[], wanted: (name: string) => boolean): string {
  return table(
    stages.filter(({ name }) => wanted(name)).map(({ name, shape }) => [name, `[${shape.join(", ")}]`]),
  );
}
