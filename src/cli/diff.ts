/**
 * `fun-asr diff`: a model against a reference archive, stage by stage; or against itself on another backend or in
 * another format. Exit code 5 where a stage is further away than the format of the weights explains.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import type { Command } from "commander";
import { parseFormat } from "../../converters/writers/formats.ts";
import { convert } from "../../converters/writers/convert.ts";
import type { Format } from "../../kernels/formats/table.ts";
import { createArchive, openArchive } from "../diff/archives/index.ts";
import type { StageReader } from "../diff/archives/index.ts";
import { diff } from "../diff/diff.ts";
import type { DiffReport } from "../diff/diff.ts";
import { tolerances } from "../diff/tolerances.ts";
import type { Tolerance, Tolerances } from "../diff/tolerances.ts";
import { UsageError } from "../errors.ts";
import { checkPlace } from "../adapters/node/atomic-file.ts";
import { backendNames } from "../nn/backend.ts";
import { defaultBackend } from "../nn/placement.ts";
import type { BackendChoice } from "../nn/placement.ts";
import { reportRun } from "../report/run.ts";
import type { Transcriber } from "../transcriber/transcriber.ts";
import type { Terminal } from "./console.ts";
import { differenceText, ladderText } from "./diff-text.ts";
import { exitCodes } from "./exit.ts";
import type { ExitCode } from "./exit.ts";
import { inLaboratory, list, passOptions } from "./laboratory.ts";
import type { Laboratory, PassFlags } from "./laboratory.ts";
import { bundledModel } from "./model-options.ts";
import { nonNegative } from "./parse.ts";
import type { CommandContext } from "./program.ts";

interface Flags extends PassFlags {
  readonly stages: string;
  readonly against?: string;
  readonly type?: readonly string[];
  readonly forced: boolean;
  readonly tolerance?: number;
  readonly failBelow?: number;
  readonly all: boolean;
  readonly json: boolean;
  readonly html?: string;
}

export function registerDiff(program: Command, { screen, finish }: CommandContext): void {
  passOptions(program.command("diff").description("compare a model's activations with a reference's"))
    .argument("<files...>", "the reference archive and the audio file; with --against, the audio file alone")
    .option("--stages <patterns>", "which, separated by commas; * matches anything", "*")
    .option("--against <what>", "instead of an archive: this model on another backend, or in another format")
    .option("--type <formats...>", "the model in these formats, e.g. q8_0 q4_k (as it is by default)")
    .option("--no-forced", "without the teacher-forced pass, which takes the reference into memory")
    .option("--tolerance <x>", "most relative L2 distance, instead of the weight format's", nonNegative)
    .option("--fail-below <x>", "least cosine of a row, instead of the weight format's", nonNegative)
    .option("--all", "list stages within the tolerance, too", false)
    .option("--json", "print everything as JSON", false)
    .option("--html <file>", "also draw it, and the run, as a page")
    .action(async (files: string[], flags: Flags) => {
      finish(await inLaboratory(flags, screen, (laboratory) => run(files, flags, laboratory, screen)));
    });
}

async function run(
  files: readonly string[],
  flags: Flags,
  laboratory: Laboratory,
  screen: Terminal,
): Promise<ExitCode> {
  const audio = files.at(-1)!;
  const wanted = flags.against === undefined ? 2 : 1;
  if (files.length !== wanted) {
    throw new UsageError("bad_option", "diff", `${files.length} files`, {
      wanted: "an archive and an audio file, or an audio file and --against",
    });
  }
  if (flags.html !== undefined && (flags.type?.length ?? 1) > 1) {
    throw new UsageError("bad_option", "--html", `${flags.type?.length} formats`, { wanted: "one" });
  }
  if (flags.html !== undefined) await checkPlace(flags.html);
  const folder = await mkdtemp(join(tmpdir(), "fun-asr-diff-"));
  try {
    const path = flags.against === undefined ? files[0]! : join(folder, "reference.safetensors");
    if (flags.against !== undefined)
      await dumpReference(path, audio, flags.against, folder, flags, laboratory);
    await using reference = await openArchive(path);
    const reports: DiffReport[] = [];
    for (const type of flags.type ?? [undefined]) {
      using model = await inFormat(type, folder, flags, flags.backend, laboratory);
      const report = await compareWith(model, reference, audio, flags, laboratory);
      reports.push(report);
      if (flags.html !== undefined) {
        const page = { audioName: basename(audio), run: laboratory.options, reference };
        await reportRun(flags.html, model, audio, { ...page, difference: report });
        screen.note(`wrote ${flags.html}`);
      }
    }
    const titles = (flags.type ?? [flags.backend ?? defaultBackend()]).map((title) => title.toLowerCase());
    screen.result(asked(reports, titles, flags));
    const apart = reports.some(
      ({ raw, teacherForced }) => raw.firstDivergent ?? teacherForced?.firstDivergent,
    );
    return apart ? exitCodes.difference : exitCodes.fine;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function asked(reports: readonly DiffReport[], titles: readonly string[], flags: Flags): string {
  if (flags.json) return JSON.stringify(reports.length === 1 ? reports[0] : reports, undefined, 1);
  return reports.length === 1 ? differenceText(reports[0]!, flags.all) : ladderText(reports, titles);
}

function compareWith(
  model: Transcriber,
  reference: StageReader,
  audio: string,
  flags: Flags,
  { options }: Laboratory,
): Promise<DiffReport> {
  return diff(model, reference, audio, {
    ...options,
    stages: list(flags.stages) ?? [],
    teacherForced: flags.forced,
    tolerances: bounds(tolerances[model.info.weightFormat], flags),
  });
}

function bounds({ raw, forced }: Tolerances, { tolerance, failBelow }: Flags): Tolerances {
  const narrowed = (bound: Tolerance): Tolerance => ({
    relativeL2: tolerance ?? bound.relativeL2,
    cosine: failBelow ?? (tolerance === undefined ? bound.cosine : 0),
  });
  return { raw: narrowed(raw), forced: narrowed(forced) };
}

/** What `--against` names runs first, and leaves an archive. */
async function dumpReference(
  path: string,
  audio: string,
  against: string,
  folder: string,
  flags: Flags,
  laboratory: Laboratory,
): Promise<void> {
  const backend = backendNames.find((name) => name === against);
  const type = backend === undefined ? against : undefined;
  using model = await inFormat(type, folder, flags, backend ?? flags.backend, laboratory);
  await using archive = await createArchive(path);
  await model.run(audio, {
    ...laboratory.options,
    maxNewTokens: flags.maxTokens ?? 1,
    capture: list(flags.stages) ?? [],
    sink: ({ name, shape, values }) => archive.add(name, shape, values),
  });
  await archive.finish();
}

/** The model as it is, or converted for the occasion. */
async function inFormat(
  type: string | undefined,
  folder: string,
  flags: Flags,
  backend: BackendChoice | undefined,
  laboratory: Laboratory,
): Promise<Transcriber> {
  if (type === undefined) return laboratory.load(flags, backend);
  const format: Format = parseFormat(type);
  const from = [flags.model ?? bundledModel(), flags.llm].filter((file) => file !== undefined);
  if (flags.audio !== undefined || from.length === 0) {
    throw new UsageError("bad_option", "--type", type, { wanted: "a model that -m names" });
  }
  const converted = join(folder, `${format.toLowerCase()}.gguf`);
  await convert(from, converted, { type: format, signal: laboratory.options.signal });
  return laboratory.load({ model: converted }, backend);
}
