/**
 * `fun-asr diff`: the activations of a model against a reference archive, or against the same model on another backend
 * or in another format. Exit code 5 where an activation differs by more than the format of the weights explains.
 */
import { basename, join } from "node:path";
import { parseFormat } from "../../converters/writers/formats.ts";
import { convert } from "../../converters/writers/convert.ts";
import type { Format } from "../../kernels/formats/table.ts";
import { createArchive, openArchive } from "../diff/archives/index.ts";
import type { StageReader } from "../diff/archives/index.ts";
import { diff as compareActivations } from "../diff/diff.ts";
import type { DiffReport } from "../diff/diff.ts";
import { tolerancesOf } from "../diff/tolerances.ts";
import type { Tolerance, Tolerances } from "../diff/tolerances.ts";
import { UsageError } from "../errors.ts";
import { workFolder } from "../adapters/node/output/temporary.ts";
import { backendNames } from "../nn/backend.ts";
import { defaultBackend } from "../nn/placement.ts";
import type { BackendChoice } from "../nn/placement.ts";
import { reportRun } from "../report/run.ts";
import type { Transcriber } from "../transcriber/transcriber.ts";
import { defineCommand } from "./command.ts";
import type { Terminal } from "./console.ts";
import type { Content } from "./content.ts";
import { differenceText, differs, ladderText } from "./diff-text.ts";
import { exitCodes } from "./exit.ts";
import type { ExitCode } from "./exit.ts";
import type { FlagTable, FlagValues } from "./flags/flag.ts";
import { words } from "./flags/parse.ts";
import { jsonFlag, singlePassFlags, stagesFlag } from "./flags/shared.ts";
import { guard, outputPath, refuseMixing } from "./guard.ts";
import { chosenModel } from "./load-model.ts";
import { startSinglePass } from "./single-pass.ts";
import type { SinglePass } from "./single-pass.ts";
import { oneRecording } from "./recording.ts";

const diffFlags = {
  ...stagesFlag,
  against: {
    group: "Comparison",
    placeholder: "what",
    value: { kind: "text" },
    help: "compare with the same model on another backend, or in another format, instead of an archive",
  },
  type: {
    group: "Comparison",
    placeholder: "formats",
    value: { kind: "text" },
    several: true,
    default: "as in the file",
    help: "formats of the model to compare, e.g. q8_0 q4_k",
  },
  forced: {
    group: "Comparison",
    value: { kind: "boolean" },
    negated: "only",
    help: "skip the teacher-forced pass, which keeps the whole reference in memory",
  },
  tolerance: {
    group: "Comparison",
    placeholder: "distance",
    value: { kind: "number", least: 0 },
    default: "by the format of the weights",
    help: "largest relative L2 distance of an activation",
  },
  failBelow: {
    group: "Comparison",
    placeholder: "cosine",
    value: { kind: "number", least: 0 },
    default: "by the format of the weights",
    help: "least cosine similarity of a row",
  },
  all: {
    group: "Output",
    value: { kind: "boolean" },
    help: "also list the activations within the tolerance",
  },
  ...jsonFlag,
  html: {
    group: "Output",
    placeholder: "file",
    value: { kind: "text" },
    parse: outputPath,
    help: "write a page about the run and its differences (self-contained HTML)",
  },
  ...singlePassFlags,
} as const satisfies FlagTable;

type Flags = FlagValues<typeof diffFlags>;

export const diff = defineCommand({
  arguments: [
    { name: "[files...]", help: "reference archive and audio file; with --against, the audio file only" },
  ],
  flags: diffFlags,
  run: (run, flags, files) => compareAll(files, flags, startSinglePass(run, flags), run.screen),
});

async function compareAll(
  files: readonly string[],
  flags: Flags,
  pass: SinglePass,
  screen: Terminal,
): Promise<ExitCode> {
  const [archive, rest] = flags.against === undefined ? [files[0], files.slice(1)] : [undefined, files];
  const wanted = "an archive and an audio file, or an audio file and --against";
  if (flags.against === undefined && archive === undefined)
    throw new UsageError("bad_option", "diff", "no archive", { wanted });
  const audio = oneRecording(flags, rest, wanted);
  if (flags.html !== undefined && (flags.type?.length ?? 1) > 1) {
    throw new UsageError("bad_option", "--html", `${flags.type?.length} formats`, { wanted: "one" });
  }
  refuseMixing("--html", flags.html);
  await guard(flags.html, flags, [...files, audio]);
  await using work = await workFolder();
  const folder = work.path;
  const path = archive ?? join(folder, "reference.safetensors");
  if (flags.against !== undefined) await dumpReference(path, audio, flags.against, folder, flags, pass);
  await using reference = await openArchive(path);
  const reports: DiffReport[] = [];
  for (const type of flags.type ?? [undefined]) {
    using model = await inFormat(type, folder, flags, flags.backend, pass);
    const report = await compareWith(model, reference, audio, flags, pass);
    reports.push(report);
    if (flags.html !== undefined) {
      const page = { audioName: basename(audio), run: pass.options, reference };
      await reportRun(flags.html, model, audio, { ...page, difference: report });
      screen.note(`wrote ${flags.html}`);
    }
  }
  const titles = (flags.type ?? [flags.backend ?? defaultBackend()]).map((title) => title.toLowerCase());
  screen.result(asText(reports, titles, flags));
  return reports.some(differs) ? exitCodes.difference : exitCodes.fine;
}

function asText(reports: readonly DiffReport[], titles: readonly string[], flags: Flags): Content {
  if (flags.json) return JSON.stringify(reports.length === 1 ? reports[0] : reports, undefined, 1);
  return reports.length === 1 ? differenceText(reports[0]!, flags.all) : ladderText(reports, titles);
}

function compareWith(
  model: Transcriber,
  reference: StageReader,
  audio: string,
  flags: Flags,
  { options }: SinglePass,
): Promise<DiffReport> {
  return compareActivations(model, reference, audio, {
    ...options,
    stages: words(flags.stages),
    teacherForced: flags.forced,
    tolerances: bounds(tolerancesOf(model.info.weightFormat), flags),
  });
}

function bounds({ raw, forced }: Tolerances, { tolerance, failBelow }: Flags): Tolerances {
  const narrowed = (bound: Tolerance): Tolerance => ({
    relativeL2: tolerance ?? bound.relativeL2,
    cosine: failBelow ?? (tolerance === undefined ? bound.cosine : 0),
  });
  return { raw: narrowed(raw), forced: narrowed(forced) };
}

/** Runs what `--against` names, and writes its activations to an archive. */
async function dumpReference(
  path: string,
  audio: string,
  against: string,
  folder: string,
  flags: Flags,
  pass: SinglePass,
): Promise<void> {
  const backend = backendNames.find((name) => name === against);
  const type = backend === undefined ? against : undefined;
  using model = await inFormat(type, folder, flags, backend ?? flags.backend, pass);
  await using archive = await createArchive(path);
  await model.run(audio, {
    ...pass.options,
    maxNewTokens: flags.maxTokens ?? 1,
    capture: words(flags.stages),
    sink: ({ name, shape, values }) => archive.add(name, shape, values),
  });
  await archive.finish();
}

/** The model unchanged, or converted to a format in a temporary file. */
async function inFormat(
  type: string | undefined,
  folder: string,
  flags: Flags,
  backend: BackendChoice | undefined,
  pass: SinglePass,
): Promise<Transcriber> {
  if (type === undefined) return pass.load({ backend });
  const format: Format = parseFormat(type);
  if (flags.audio !== undefined) {
    throw new UsageError("bad_option", "--type", type, { wanted: "a model that -m names" });
  }
  const model = await chosenModel(flags, pass.screen);
  const from = [model, flags.llm].filter((file) => file !== undefined);
  const converted = join(folder, `${format.toLowerCase()}.gguf`);
  await convert(from, converted, { type: format, signal: pass.options.signal });
  return pass.load({ model: { model: converted }, backend });
}
