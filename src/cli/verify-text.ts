/** The report of `verify` as text that can be pasted into an issue. */
import { arch, platform, version as node } from "node:process";
import { version } from "../version.ts";
import type { ClipResult } from "../verify/clips.ts";
import type { VerifyReport } from "../verify/verify.ts";
import { bad, good, size, table } from "./content.ts";
import type { Section } from "./content.ts";

const shownFindings = 20;

export function verifyText(report: VerifyReport): Section[] {
  const { model, source, naming, tensors, bytes, stages, findings, clips, suspect } = report;
  const shown = findings.slice(0, shownFindings).map(({ name, level, what }) => [level, name, what]);
  const rest = findings.length - shown.length;
  return [
    table([
      ["fun-asr", `${version}, node ${node}, ${platform} ${arch}`],
      ["model", `${source} (${naming})`],
      ...(model === undefined
        ? []
        : [["architecture", `${model.architecture}, ${model.weightFormat}, on ${model.backend}`]]),
      ["looked at", `${tensors} tensors (${size(bytes)}), ${stages} stages, ${clips.length} clips`],
    ]),
    ...(shown.length === 0 ? [] : [table(rest > 0 ? [...shown, ["", `… and ${rest} more`]] : shown)]),
    ...(clips.length === 0 ? [] : [clips.map(clipText).join("\n")]),
    suspect === undefined
      ? good("the model works: its texts are right")
      : bad(`first suspicious stage: ${suspect.stage}: ${suspect.why}`),
  ];
}

function clipText({
  name,
  expected,
  text,
  errorRate,
  draft,
  draftErrorRate,
  agreement,
  failure,
}: ClipResult): string {
  if (failure !== undefined) return `${name}: ${failure}`;
  const rates = [
    ...(errorRate === undefined ? [] : [`errors ${percent(errorRate)}`]),
    ...(draftErrorRate === undefined ? [] : [`CTC branch ${percent(draftErrorRate)}`]),
    ...(agreement === undefined ? [] : [`agreement ${percent(agreement)}`]),
  ];
  const right = errorRate === 0 && (draftErrorRate ?? 0) === 0;
  return [
    `${name}: ${rates.join(", ")}`,
    `  text      ${text ?? ""}`,
    ...(right || expected === undefined ? [] : [`  expected  ${expected}`]),
    ...(right || draft === undefined ? [] : [`  CTC       ${draft}`]),
  ].join("\n");
}

const percent = (rate: number): string => `${Math.round(rate * 1000) / 10} %`;
