/** A comparison of activations as text: those beyond the tolerance, the first of them, and a table of several formats. */
import type { ArchiveDiffReport } from "../diff/archive-pair.ts";
import type { DiffPass, DiffReport, StageDifference } from "../diff/diff.ts";
import type { Tolerance } from "../diff/tolerances.ts";
import { bad, good, table } from "./content.ts";
import type { Section, Toned } from "./content.ts";

type Report = DiffReport | ArchiveDiffReport;

export function differenceText(report: Report, all: boolean): Section[] {
  const { raw, teacherForced, unmatched } = report;
  const forced = new Map(teacherForced?.stages.map((stage) => [stage.name, stage]));
  const isApart = ({ name, problem }: StageDifference): boolean =>
    problem !== undefined || forced.get(name)?.problem !== undefined;
  const shown = raw.stages.filter((stage) => all || isApart(stage));
  const heads = ["max abs", "mean abs", "relative L2", "cosine, row", "argmax", "forced L2", ""];
  const rows = shown.map((stage) => row(stage, forced.get(stage.name)));
  const passes = [
    summary("raw", raw),
    ...(teacherForced === undefined ? [] : [summary("teacher-forced", teacherForced)]),
    ...guesses(teacherForced?.firstDivergent === undefined ? raw : teacherForced),
    ...(unmatched.length === 0 ? [] : [`not compared: ${unmatched.join(", ")}`]),
  ];
  return [
    ...(shown.length === 0 ? [] : [table([["stage", ...heads], ...rows])]),
    verdict([report], passes.join("\n")),
  ];
}

/** Good where no activation of the reports differs. */
function verdict(reports: readonly Report[], text: string): Toned {
  return reports.some(differs) ? bad(text) : good(text);
}

/** Whether an activation is not within the tolerance, in either pass. */
export function differs({ raw, teacherForced }: Report): boolean {
  return (raw.firstDivergent ?? teacherForced?.firstDivergent) !== undefined;
}

function row({ name, comparison, problem }: StageDifference, forced: StageDifference | undefined): string[] {
  const what = forced?.problem === undefined ? "" : "← wrong on its own";
  if (comparison === undefined) return [name, problem ?? ""];
  const { maxAbs, meanAbs, relativeL2, worstRowCosine, worstRow, argmaxAgreement } = comparison;
  return [
    name,
    maxAbs.toExponential(1),
    meanAbs.toExponential(1),
    relativeL2.toExponential(2),
    `${worstRowCosine.toFixed(6)} ${worstRow}`,
    `${(100 * argmaxAgreement).toFixed(1)}%`,
    forced?.comparison?.relativeL2.toExponential(2) ?? "",
    what,
  ];
}

/** What the differences look like, where they look like something. */
function guesses({ stages }: DiffPass): string[] {
  const found = stages.filter(({ guess }) => guess !== undefined);
  return found.length === 0 ? [] : ["", ...found.map(({ name, guess }) => `${name}: ${guess}`)];
}

function summary(title: string, { stages, firstDivergent, tolerance, affectedTolerance }: DiffPass): string {
  const apart = stages.filter(({ problem }) => problem !== undefined);
  const others =
    affectedTolerance === undefined || affectedTolerance.relativeL2 === tolerance.relativeL2
      ? ""
      : `, or ${boundText(affectedTolerance)} where weights or their arithmetic differ`;
  const bound = boundText(tolerance) + others;
  if (firstDivergent === undefined) return `${title}: all ${stages.length} stages are within ${bound}`;
  const [first] = apart;
  return `${title}: ${apart.length} of ${stages.length} stages are not within ${bound}; the first is ${firstDivergent} (${first?.problem})`;
}

const boundText = ({ relativeL2, cosine }: Tolerance): string =>
  `relative L2 ${relativeL2}, cosine ${Number(cosine.toFixed(8))}`;

/** One column per report: the cosine of the worst row of each layer, and of the outputs of the model. */
export function ladderText(reports: readonly DiffReport[], titles: readonly string[]): Section[] {
  const [first] = reports;
  const names = (first?.raw.stages ?? [])
    .map(({ name }) => name)
    .filter((name) => /\.\d+$|norm$|_lo$|lm_head$|output_layer$/u.test(name))
    .filter((name) => !/\.\d+\./u.test(name));
  const cosines = reports.map(
    ({ raw }) => new Map(raw.stages.map(({ name, comparison }) => [name, comparison?.worstRowCosine])),
  );
  const rows = names.map((name) => [
    name,
    ...cosines.map((column) => column.get(name)?.toFixed(6) ?? "other shape"),
  ]);
  const passes = reports.map(({ raw }, i) => summary(titles[i] ?? "", raw));
  return [table([["cosine of the worst row", ...titles], ...rows]), verdict(reports, passes.join("\n"))];
}
