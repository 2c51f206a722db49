/** `fun-asr convert` and `fun-asr quantize`: any checkpoint to GGUF, in the chosen formats. */
import { availableParallelism } from "node:os";
import { convert as convertModel } from "../../converters/writers/convert.ts";
import type { ConvertReport } from "../../converters/writers/convert.ts";
import { parseFormat, parseRule } from "../../converters/writers/formats.ts";
import { layoutNames } from "../../converters/writers/layouts/index.ts";
import { defineCommand } from "./command.ts";
import { bar } from "./console.ts";
import type { Terminal } from "./console.ts";
import type { CommandRun } from "./context.ts";
import type { FlagTable, FlagValues } from "./flags/flag.ts";
import { groupBy } from "./group.ts";
import { outputPath, refuseMixing } from "./guard.ts";
import { table } from "./content.ts";

const typeFlag = {
  group: "Formats",
  short: "-t",
  placeholder: "type",
  value: { kind: "text" },
  parse: parseFormat,
} as const;

const sharedFlags = {
  rule: {
    group: "Formats",
    placeholder: "pattern=type",
    value: { kind: "text" },
    parse: parseRule,
    repeated: true,
    help: "format of the tensors whose whole name matches a regular expression, e.g. 'ctc\\..*=f16'",
  },
  report: {
    group: "Output",
    value: { kind: "boolean" },
    help: "measure the error of each tensor, and print the table",
  },
  json: { group: "Output", value: { kind: "boolean" }, help: "print the report as JSON" },
  force: {
    group: "Output",
    value: { kind: "boolean" },
    help: "write also over a file of the model that is read",
  },
  threads: {
    group: "Backend",
    placeholder: "count",
    value: { kind: "number", least: 1, most: 256, whole: true },
    default: "all cores",
    help: "number of threads that quantize",
  },
} as const satisfies FlagTable;

const convertFlags = {
  output: {
    group: "Output",
    short: "-o",
    placeholder: "file",
    value: { kind: "text" },
    required: true,
    parse: outputPath,
    help: "GGUF file to write; - is standard output",
  },
  layout: {
    group: "Formats",
    placeholder: "name",
    value: { kind: "choice", values: layoutNames },
    initial: "fun-asr",
    help: "naming scheme of the output; official writes two files",
  },
  type: {
    ...typeFlag,
    default: "as in the source",
    help: "format of the matrices, e.g. q8_0, q4_k, f16",
  },
  ...sharedFlags,
  name: { group: "Metadata", placeholder: "text", value: { kind: "text" }, help: "general.name of the file" },
  license: {
    group: "Metadata",
    placeholder: "text",
    value: { kind: "text" },
    help: "general.license of the file",
  },
  lowFrameRate: {
    group: "Metadata",
    value: { kind: "boolean" },
    negated: "also",
    default: "as in the source",
    help: "mark the model as one whose language model gets the first eighth of the encoder's rows",
    negatedHelp: "mark the model as one whose language model gets all rows, as MLT-Nano's does",
  },
} as const satisfies FlagTable;

export const convert = defineCommand({
  arguments: [
    { name: "<from...>", help: "a folder, a checkpoint in its folder, or the GGUF files of one model" },
  ],
  flags: convertFlags,
  run: (run, flags, from) => write(run, from, flags.output, flags),
});

const quantizeFlags = {
  type: { ...typeFlag, required: true, help: "format of the matrices, e.g. q8_0, q6_k, q4_k" },
  ...sharedFlags,
} as const satisfies FlagTable;

export const quantize = defineCommand({
  arguments: [
    { name: "<from>", help: "a GGUF file of any naming" },
    { name: "<to>", help: "GGUF file to write" },
  ],
  flags: quantizeFlags,
  run: (run, flags, [from, to]) => write(run, [from!], outputPath(to!), flags),
});

type ConvertFlags = FlagValues<typeof quantizeFlags> | FlagValues<typeof convertFlags>;

async function write(
  { screen, start }: CommandRun,
  from: readonly string[],
  to: string,
  {
    rule: rules = [],
    threads = availableParallelism(),
    report: measure,
    json,
    force,
    ...flags
  }: ConvertFlags,
): Promise<void> {
  const { type } = flags;
  const chosen = "layout" in flags ? flags : undefined;
  if (measure || json || chosen?.layout === "official") refuseMixing("the output", to);
  const report = await convertModel(from, to, {
    type,
    layout: chosen?.layout,
    rules,
    name: chosen?.name,
    license: chosen?.license,
    threads,
    measure,
    force,
    naming: chosen?.lowFrameRate === undefined ? {} : { useLowFrameRate: chosen.lowFrameRate },
    signal: start().signal,
    onProgress: ({ tensor, done, total }) =>
      screen.progress(`${bar(done, total)} ${done}/${total} ${tensor}`),
  });
  if (json) screen.result(JSON.stringify(report, undefined, 1));
  else show(screen, report, measure);
}

function show(screen: Terminal, report: ConvertReport, measured: boolean): void {
  if (measured) {
    const rows = report.tensors.map(({ name, shape, from, to: stored, relativeL2, maxAbs }) => [
      name,
      `[${shape.join(", ")}]`,
      from,
      stored,
      relativeL2!.toExponential(2),
      maxAbs!.toExponential(2),
    ]);
    screen.result(table([["tensor", "shape", "from", "to", "relative L2", "max abs"], ...rows]));
  }
  const counts = groupBy(report.tensors, (tensor) => tensor.to);
  const formats = [...counts].map(([format, tensors]) => `${tensors.length} ${format}`).join(", ");
  screen.note(`${report.source} (${report.naming}): ${report.architecture}`);
  for (const note of report.notes) screen.note(note);
  screen.note(`wrote ${report.files.join(" and ")}: ${formats}`);
}
