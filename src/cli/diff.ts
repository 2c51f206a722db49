/**
 * `fun-asr diff`: the activations of a model against a reference archive, or against the same model on another backend
 * or in another format; or two archives. Exit code 5 where an activation differs by more than backends and formats explain.
 */
import { basename, join } from "node:path";
import { diffArchives } from "../diff/archive-pair.ts";
import type { ArchiveDiffReport } from "../diff/archive-pair.ts";
import { isArchive, openArchive } from "../diff/archives/index.ts";
import type { StageReader } from "../diff/archives/index.ts";
import { diff as compareActivations } from "../diff/diff.ts";
import type { DiffReport } from "../diff/diff.ts";
import type { Tolerances } from "../diff/tolerances.ts";
import { UsageError } from "../errors.ts";
import { workFolder } from "../adapters/node/output/temporary.ts";
import { defaultBackend } from "../nn/placement.ts";
import { reportRun } from "../report/run.ts";
import { defineCommand } from "./command.ts";
import type { Terminal } from "./console.ts";
import type { Content } from "./content.ts";
import { dumpReference, inFormat } from "./diff-sides.ts";
import type { Side } from "./diff-sides.ts";
import { differenceText, differs, ladderText } from "./diff-text.ts";
import { exitCodes } from "./exit.ts";
import type { ExitCode } from "./exit.ts";
import type { FlagTable, FlagValues } from "./flags/flag.ts";
import { words } from "./flags/parse.ts";
import { jsonFlag, singlePassFlags, stagesFlag } from "./flags/shared.ts";
import { guard, outputPath, refuseMixing } from "./guard.ts";
import { startSinglePass } from "./single-pass.ts";
import type { SinglePass } from "./single-pass.ts";
import { oneRecording } from "./recording.ts";

const diffFlags = {
  ...stagesFlag,
  against: {
    group: "Comparison",
    placeholder: "what",
    value: { kind: "text" },
    help:
      "compare with the same model on another backend, or in another format, instead of an archive; cpu rounds as wasm " +
      "does where that is compared, exact does not",
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
    default: "by what differs: backends, formats, or neither",
    help: "largest relative L2 distance of an activation",
  },
  failBelow: {
    group: "Comparison",
    placeholder: "cosine",
    value: { kind: "number", least: 0 },
    default: "by what differs: backends, formats, or neither",
    help: "least cosine similarity of a row",
  },
  sameWeights: {
    group: "Comparison",
    value: { kind: "boolean" },
    help: "the reference has the weights of the model, though the archive does not state it",
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
    {
      name: "[files...]",
      help: "reference archive and audio file; with --against, the audio file only; or two archives, ours and the reference",
    },
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
  const wanted = "an archive and an audio file, two archives, or an audio file and --against";
  if (flags.against === undefined && archive === undefined)
    throw new UsageError("bad_option", "diff", "no archive", { wanted });
  const audio = oneRecording(flags, rest, wanted);
  if (archive !== undefined && (await isArchive(audio))) {
    const report = await comparePair(archive, audio, flags, pass);
    screen.result(flags.json ? JSON.stringify(report, undefined, 1) : differenceText(report, flags.all));
    return differs(report) ? exitCodes.difference : exitCodes.fine;
  }
  if (flags.html !== undefined && (flags.type?.length ?? 1) > 1) {
    throw new UsageError("bad_option", "--html", `${flags.type?.length} formats`, { wanted: "one" });
  }
  refuseMixing("--html", flags.html);
  await guard(flags.html, flags, [...files, audio]);
  await using work = await workFolder();
  const folder = work.path;
  const path = archive ?? join(folder, "reference.safetensors");
  if (flags.against !== undefined) {
    const dumped = { ...flags, capture: words(flags.stages) };
    await dumpReference(path, audio, flags.against, folder, dumped, pass);
  }
  await using reference = await openArchive(path);
  const reports: DiffReport[] = [];
  for (const type of flags.type ?? [undefined]) {
    const side = await inFormat(type, folder, flags, pass, { backend: flags.backend });
    using model = side.model;
    const report = await compareWith(side, reference, audio, flags, pass);
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

/** Two archives, without a model. */
async function comparePair(
  ours: string,
  theirs: string,
  flags: Flags,
  { options }: SinglePass,
): Promise<ArchiveDiffReport> {
  const needsModel = [
    ["--html", flags.html],
    ["--type", flags.type?.[0]],
  ].find(([, value]) => value !== undefined);
  if (needsModel !== undefined) {
    throw new UsageError("bad_option", needsModel[0]!, needsModel[1]!, {
      wanted: "an audio file, not two archives",
    });
  }
  await using a = await openArchive(ours);
  await using b = await openArchive(theirs);
  return await diffArchives(a, b, {
    stages: words(flags.stages),
    tolerances: bounds(flags),
    equalWeights: flags.sameWeights,
    signal: options.signal,
  });
}

function asText(reports: readonly DiffReport[], titles: readonly string[], flags: Flags): Content {
  if (flags.json) return JSON.stringify(reports.length === 1 ? reports[0] : reports, undefined, 1);
  return reports.length === 1 ? differenceText(reports[0]!, flags.all) : ladderText(reports, titles);
}

function compareWith(
  { model, weights }: Side,
  reference: StageReader,
  audio: string,
  flags: Flags,
  { options }: SinglePass,
): Promise<DiffReport> {
  return compareActivations(model, reference, audio, {
    ...options,
    stages: words(flags.stages),
    teacherForced: flags.forced,
    tolerances: bounds(flags),
    weights,
    equalWeights: flags.sameWeights,
  });
}

/** The bounds that flags set, for both passes. */
function bounds({ tolerance, failBelow }: Flags): Tolerances | undefined {
  if (tolerance === undefined && failBelow === undefined) return undefined;
  const bound = { relativeL2: tolerance ?? Infinity, cosine: failBelow ?? -1 };
  return { raw: bound, forced: bound };
}
