/** `fun-asr convert` and `fun-asr quantize`: any checkpoint to one GGUF file, in the formats that are asked for. */
import { availableParallelism } from "node:os";
import { Option } from "commander";
import type { Command } from "commander";
import { convert } from "../../converters/writers/convert.ts";
import type { ConvertReport } from "../../converters/writers/convert.ts";
import { parseFormat, parseRule } from "../../converters/writers/formats.ts";
import type { Rule } from "../../converters/writers/formats.ts";
import { layoutNames } from "../../converters/writers/layouts/index.ts";
import type { LayoutName } from "../../converters/writers/layouts/index.ts";
import type { Format } from "../../kernels/formats/table.ts";
import { bar } from "./console.ts";
import type { Terminal } from "./console.ts";
import { exitCodes } from "./exit.ts";
import { groupBy } from "./group.ts";
import { interruptible } from "./interrupt.ts";
import { wholeNumber } from "./parse.ts";
import type { CommandContext } from "./program.ts";
import { table } from "./table.ts";

interface Flags {
  readonly type?: Format;
  readonly rule: readonly Rule[];
  readonly name?: string;
  readonly license?: string;
  readonly report: boolean;
  readonly json: boolean;
  readonly threads: number;
  readonly lowFrameRate?: boolean;
  readonly layout?: LayoutName;
}

export function registerConvert(program: Command, context: CommandContext): void {
  const command = program
    .command("convert")
    .description(
      "make one GGUF file of a checkpoint: a folder with model.pt or safetensors, ONNX exports, GGUF of any dialect",
    )
    .argument("<from...>", "a folder, a checkpoint in its folder, or the GGUF files of one model")
    .requiredOption("-o, --output <file>", "the file to write")
    .option(
      "-t, --type <type>",
      "format of the matrices, e.g. q8_0, q4_k, f16 (as they are by default)",
      parseFormat,
    )
    .addOption(
      new Option("--layout <name>", "whose names and keys; official makes two files")
        .choices([...layoutNames])
        .default("fun-asr"),
    )
    .option("--name <text>", "general.name of the file")
    .option("--license <text>", "general.license of the file")
    .option(
      "--low-frame-rate",
      "the language model gets the first eighth of the audio rows (default: by the source)",
    )
    .option("--no-low-frame-rate", "the language model gets all audio rows, as MLT-Nano's does");
  common(command).action((from: string[], flags: Flags & { readonly output: string }) =>
    run(from, flags.output, flags, context),
  );
}

export function registerQuantize(program: Command, context: CommandContext): void {
  const command = program
    .command("quantize")
    .description("store a GGUF file's matrices in another format")
    .argument("<from>", "a GGUF file of any dialect")
    .argument("<to>", "the file to write")
    .requiredOption("-t, --type <type>", "format of the matrices, e.g. q8_0, q6_k, q4_k", parseFormat);
  common(command).action((from: string, to: string, flags: Flags) => run([from], to, flags, context));
}

function common(command: Command): Command {
  return command
    .option(
      "--rule <pattern=type>",
      "another format for tensors whose whole name matches, e.g. 'ctc\\..*=f16'; may be repeated",
      collectRule,
      [],
    )
    .option("--report", "measure every tensor's error and print the table", false)
    .option("--json", "print the report as JSON", false)
    .option("--threads <n>", "threads that quantize", wholeNumber(1, 256), availableParallelism());
}

function collectRule(text: string, rules: readonly Rule[]): readonly Rule[] {
  return [...rules, parseRule(text)];
}

async function run(
  from: readonly string[],
  to: string,
  flags: Flags,
  { screen, finish }: CommandContext,
): Promise<void> {
  const report = await interruptible((signal) =>
    convert(from, to, {
      type: flags.type,
      layout: flags.layout,
      rules: flags.rule,
      name: flags.name,
      license: flags.license,
      threads: flags.threads,
      measure: flags.report,
      dialect: flags.lowFrameRate === undefined ? {} : { useLowFrameRate: flags.lowFrameRate },
      signal,
      onProgress: ({ tensor, done, total }) =>
        screen.progress(`${bar(done, total)} ${done}/${total} ${tensor}`),
    }),
  );
  screen.progress("");
  show(screen, report, flags);
  finish(exitCodes.fine);
}

function show(screen: Terminal, report: ConvertReport, { report: measured, json }: Flags): void {
  if (json) {
    screen.result(JSON.stringify(report, undefined, 1));
    return;
  }
  if (measured) {
    const rows = report.tensors.map(({ name, shape, from, to: stored, relativeL2 = 0, maxAbs = 0 }) => [
      name,
      `[${shape.join(", ")}]`,
      from,
      stored,
      relativeL2.toExponential(2),
      maxAbs.toExponential(2),
    ]);
    screen.result(table([["tensor", "shape", "from", "to", "relative L2", "max abs"], ...rows]));
  }
  const counts = groupBy(report.tensors, (tensor) => tensor.to);
  const formats = [...counts].map(([format, tensors]) => `${tensors.length} ${format}`).join(", ");
  screen.note(`${report.source} (${report.dialect}): ${report.architecture}`);
  for (const note of report.notes) screen.note(note);
  screen.note(`wrote ${report.files.join(" and ")}: ${formats}`);
}
