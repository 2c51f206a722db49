/** The chain of stages with the error of each, on a logarithmic scale; the first that diverges is marked and named. */
import type { Difference, DifferencePass, ReportData, Section, StageDifference } from "../data.ts";
import { brief, html, place } from "../markup.ts";
import type { Content, Markup } from "../markup.ts";
import { kinds } from "../palettes.ts";
import { plot } from "../plot.ts";
import type { Frame, Tick } from "../plot.ts";

interface Series {
  readonly pass: DifferencePass;
  readonly title: string;
  readonly color: string;
  readonly shape: "circle" | "triangle";
}

/** Smaller errors are drawn here: 0 has no logarithm. */
const least = 1e-8;

export function chainSection({ difference }: ReportData): Section | undefined {
  if (difference === undefined || difference.raw.stages.length === 0) return undefined;
  const series = seriesOf(difference);
  const { raw, teacherForced, unmatched = [] } = difference;
  return {
    id: "chain",
    heading: "The chain of stages",
    body: [
      html`<p class="verdict">
        ${verdict(raw, "On its own")}
        ${teacherForced && verdict(teacherForced, "With the reference's inputs")}
      </p>`,
      html`<figure>
        ${chart(series)}
        <figcaption>
          Relative L2 distance of every stage from the reference, in the order of the forward pass; less than
          1e-8 is drawn as 1e-8, more than the tolerance is filled.
          ${series.map(({ title, color, shape, pass }) => html`<span class="key"><svg viewBox="0 0 12 12" aria-hidden="true">${mark(shape, 6, 6, color)}</svg> ${title}, tolerance ${brief(pass.tolerance.relativeL2)} (dashed)</span>`)}
        </figcaption>
      </figure>`,
      table(series),
      unmatched.length > 0
        ? html`<details>
            <summary>Stages of the reference that were not compared: ${unmatched.length}</summary>
            <p>${unmatched.join(", ")}</p>
          </details>`
        : undefined,
    ],
  };
}

function seriesOf({ raw, teacherForced }: Difference): Series[] {
  const alone: Series = { pass: raw, title: "on its own", color: kinds.blue, shape: "circle" };
  if (teacherForced === undefined) return [alone];
  const forced = { pass: teacherForced, title: "with the reference's inputs", color: kinds.orange } as const;
  return [alone, { ...forced, shape: "triangle" }];
}

function verdict({ firstDivergent, stages }: DifferencePass, how: string): Markup {
  if (firstDivergent === undefined) return html`${how}, all ${stages.length} stages are within tolerance.`;
  const over = stages.filter(({ problem }) => problem !== undefined);
  return html`${how}, stages over tolerance: ${over.length} of ${stages.length}; the first is
    <b>${firstDivergent}</b> (${over[0]?.problem}).`;
}

function chart(series: readonly Series[]): Markup {
  const names = series[0]!.pass.stages.map(({ name }) => name);
  const at = new Map(names.map((name, i) => [name, i]));
  const errors = series.flatMap(({ pass }) => pass.stages.map(errorOf));
  const bounds = series.map(({ pass }) => pass.tolerance.relativeL2);
  const high = 10 ** Math.ceil(Math.log10(Math.max(1e-3, ...bounds, ...errors)) + 0.1);
  const low = 10 ** Math.floor(Math.log10(Math.min(1e-5, ...bounds, ...errors)));
  const first = series.at(-1)!.pass.firstDivergent;
  const description = `Error of ${names.length} stages, from ${brief(Math.min(...errors))} to ${brief(Math.max(...errors))}${first === undefined ? ", none over tolerance" : `; the first over tolerance is ${first}`}`;
  const x = { label: "stage", low: -0.5, high: names.length - 0.5, ticks: partTicks(names) };
  const y = { label: "relative L2", low, high, scale: "log" as const };
  return plot({ width: 1000, height: 360, x, y, description }, (frame) => [
    series.map(({ pass: { tolerance, stages }, color, shape }) => [
      html`<line
        class="tolerance"
        stroke="${color}"
        x1="${frame.left}"
        x2="${frame.right}"
        y1="${place(frame.y(tolerance.relativeL2))}"
        y2="${place(frame.y(tolerance.relativeL2))}"
      />`,
      stages.map((stage) => point(stage, at.get(stage.name)!, { frame, color, shape })),
    ]),
    firstMark(first === undefined ? undefined : at.get(first), first, frame),
  ]);
}

/** Infinite and unknown errors are drawn at the top. */
function errorOf({ comparison }: StageDifference): number {
  if (comparison === undefined || comparison.nonFinite > 0) return 1;
  return Math.min(1e3, Math.max(least, comparison.relativeL2));
}

interface Look {
  readonly frame: Frame;
  readonly color: string;
  readonly shape: Series["shape"];
}

function point(stage: StageDifference, index: number, { frame, color, shape }: Look): Markup {
  const { name, problem, comparison } = stage;
  const text = `${name}: ${problem ?? `relative L2 ${brief(comparison?.relativeL2 ?? 0)}`}`;
  const [x, y] = [frame.x(index), frame.y(errorOf(stage))];
  const bar = html`<line
    stroke="${color}"
    class="stem"
    x1="${place(x)}"
    x2="${place(x)}"
    y1="${frame.bottom}"
    y2="${place(y)}"
  />`;
  return html`<g>${bar}${mark(shape, x, y, color, problem !== undefined)}<title>${text}</title></g>`;
}

/** Filled where the tolerance is exceeded. */
function mark(shape: Series["shape"], x: number, y: number, color: string, filled = false): Markup {
  const fill = filled ? color : "#fff";
  return shape === "circle"
    ? html`<circle cx="${place(x)}" cy="${place(y)}" r="3" stroke="${color}" fill="${fill}" />`
    : html`<path d="M${place(x)} ${place(y - 4)}l3.6 6.6h-7.2z" stroke="${color}" fill="${fill}" />`;
}

function firstMark(index: number | undefined, name: string | undefined, frame: Frame): Content {
  if (index === undefined) return undefined;
  const x = frame.x(index);
  const atRight = x > (frame.left + frame.right) / 2;
  return html`<line class="first" x1="${place(x)}" x2="${place(x)}" y1="${frame.top}" y2="${frame.bottom}" />
    <text
      class="first"
      x="${place(x + (atRight ? -6 : 6))}"
      y="${frame.top + 14}"
      text-anchor="${atRight ? "end" : "start"}"
      >▼ first: ${name}</text
    >`;
}

/** A line where a part of the model begins, and its name in the middle of it where there is room. */
function partTicks(names: readonly string[]): Tick[] {
  const part = (name: string | undefined): string | undefined => name?.split(".")[0];
  const starts = names.flatMap((name, at) => (part(name) === part(names[at - 1]) ? [] : [at]));
  return starts.flatMap((at, i): Tick[] => {
    const end = starts[i + 1] ?? names.length;
    const text = part(names[at]) ?? "";
    const room = ((end - at) / names.length) * plotWidth;
    const named = room > text.length * widthOfLetter;
    return [{ at: at - 0.5, text: "" }, ...(named ? [{ at: (at + end - 1) / 2, text, bare: true }] : [])];
  });
}

const plotWidth = 930;
const widthOfLetter = 7;

function table(series: readonly Series[]): Markup {
  const rows = series[0]!.pass.stages;
  const forced = new Map(series[1]?.pass.stages.map((stage) => [stage.name, stage]));
  const titles = [
    "stage",
    "shape",
    "relative L2",
    ...(forced.size > 0 ? ["with reference's inputs"] : []),
    "max abs",
    "mean abs",
    "worst row's cosine",
    "argmax agrees",
    "not finite",
    "",
  ];
  return html`<details>
    <summary>All ${rows.length} stages in numbers</summary>
    <div class="wide" tabindex="0" role="region" aria-label="All stages in numbers">
      <table>
        <thead>
          <tr>
            ${titles.map((title) => html`<th scope="col">${title}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${rows.map((row) => tableRow(row, forced.size > 0 ? forced.get(row.name) : undefined, forced.size > 0))}
        </tbody>
      </table>
    </div>
  </details>`;
}

function tableRow(
  { name, comparison, problem }: StageDifference,
  forced: StageDifference | undefined,
  two: boolean,
): Markup {
  const bad = problem !== undefined || forced?.problem !== undefined;
  const cells: (string | undefined)[] =
    comparison === undefined
      ? [
          undefined,
          undefined,
          ...(two ? [undefined] : []),
          undefined,
          undefined,
          undefined,
          undefined,
          undefined,
        ]
      : [
          comparison.shape.join(" × "),
          brief(comparison.relativeL2),
          ...(two ? [forced?.comparison && brief(forced.comparison.relativeL2)] : []),
          brief(comparison.maxAbs),
          brief(comparison.meanAbs),
          `${comparison.worstRowCosine.toFixed(6)} (row ${comparison.worstRow})`,
          `${(100 * comparison.argmaxAgreement).toFixed(1)} %`,
          String(comparison.nonFinite),
        ];
  return html`<tr${bad ? html` class="bad"` : undefined}><th scope="row">${name}</th>${cells.map((cell) => html`<td>${cell ?? "–"}</td>`)}<td>${bad ? html`✗ ${problem ?? forced?.problem}` : "✓"}</td></tr>`;
}
