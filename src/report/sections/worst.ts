/** The first divergent stage, or else the one with the largest error: ours, the reference, and the difference. */
import { alignTo, canAlign } from "../../diff/align.ts";
import type { StageValues } from "../../diff/compare.ts";
import type { Difference, DifferencePass, ReportData, Section, StageDifference } from "../data.ts";
import { quantiles, transpose } from "../grid.ts";
import type { Grid } from "../grid.ts";
import { heatMap } from "../heat-map.ts";
import { histogram } from "../histogram.ts";
import { brief, html } from "../markup.ts";
import type { Markup } from "../markup.ts";
import { cividis, viridis } from "../palettes.ts";
import { gridOf, timeAxis } from "../stages.ts";

export async function worstSection(data: ReportData): Promise<Section | undefined> {
  const { ours, reference, difference } = data;
  if (difference === undefined || reference === undefined) return undefined;
  const name = worstOf(difference, (name) => ours.stages.has(name) && reference.stages.has(name));
  if (name === undefined) return undefined;
  const mine = await ours.read(name);
  if (!canAlign(mine.shape, reference.stages.get(name)!)) return undefined;
  const theirs = alignTo(mine.shape, await reference.read(name));
  if (theirs === undefined) return undefined;
  const grids = [mine, theirs].map(asGrid) as [Grid, Grid];
  const first = [difference.teacherForced, difference.raw].some((pass) => pass?.firstDivergent === name);
  return {
    id: "worst",
    heading: `${first ? "The first divergent stage" : "The stage with the largest error"}: ${name}`,
    body: [
      html`<p>
        Shape ${mine.shape.join(" × ")}. Both maps have the scale of the reference, from the 1st to the 99th
        percentile.
      </p>`,
      maps(data, name, grids),
      html`<div class="narrow">
        ${histogram(
          [
            { title: "ours", values: mine.values },
            { title: "reference", values: theirs.values },
          ],
          { label: `values of ${name}` },
        )}
      </div>`,
    ],
  };
}

/** The first stage over tolerance that can be drawn, else the one with the largest error, teacher-forced where there is such a pass. */
export function worstOf(
  { raw, teacherForced }: Difference,
  readable: (name: string) => boolean,
): string | undefined {
  const drawn = ({ stages }: DifferencePass): StageDifference[] =>
    stages.filter(({ name, comparison }) => comparison !== undefined && readable(name));
  for (const pass of [teacherForced, raw]) {
    const first = pass && drawn(pass).find(({ problem }) => problem !== undefined);
    if (first !== undefined) return first.name;
  }
  const error = ({ comparison }: StageDifference): number => comparison?.relativeL2 ?? 0;
  return drawn(teacherForced ?? raw).toSorted((a, b) => error(b) - error(a))[0]?.name;
}

/** Heads side by side; a single number is a row of one. */
function asGrid(activation: StageValues): Grid {
  const grid = gridOf(activation);
  if (grid !== undefined) return grid;
  const { shape, values } = activation;
  const cols = shape.length > 1 ? shape.at(-1)! : 1;
  return { rows: values.length / Math.max(1, cols), cols, values };
}

function maps({ ours }: ReportData, name: string, [mine, theirs]: [Grid, Grid]): Markup {
  const [low, high] = quantiles(theirs.values, [0.01, 0.99]) as [number, number];
  const difference: Grid = {
    ...mine,
    values: mine.values.map((value, i) => Math.abs(value - theirs.values[i]!)),
  };
  const most = difference.values.reduce(
    (most, value) => Math.max(most, Number.isFinite(value) ? value : 0),
    0,
  );
  const axes = { x: timeAxis(ours, mine.rows, name), y: { label: "feature", low: 0, high: mine.cols } };
  const views = [
    { title: "ours", grid: mine, low, high, palette: viridis, pooling: "mean" },
    { title: "reference", grid: theirs, low, high, palette: viridis, pooling: "mean" },
    { title: "absolute difference", grid: difference, low: 0, high: most, palette: cividis, pooling: "max" },
  ] as const;
  return html`<div class="row">
    ${views.map(({ title, grid, ...look }) =>
      heatMap(transpose(grid), {
        ...axes,
        ...look,
        caption: html`<b>${title}</b>`,
        description: `${title} of ${name} by time and feature, from ${brief(look.low)} to ${brief(look.high)}`,
      }),
    )}
  </div>`;
}
