/** The outputs of the model's main parts: each as a picture of time and feature, with a histogram. */
import type { StageValues } from "../../diff/compare.ts";
import type { ReportData, Section } from "../data.ts";
import { quantiles, transpose } from "../grid.ts";
import { heatMap } from "../heat-map.ts";
import { histogram } from "../histogram.ts";
import { html } from "../markup.ts";
import type { Markup } from "../markup.ts";
import { viridis } from "../palettes.ts";
import { gridOf, landmarks, timeAxis } from "../stages.ts";

export async function landmarksSection(data: ReportData): Promise<Section | undefined> {
  const names = landmarks(data.ours);
  if (names.length === 0) return undefined;
  const rows: Markup[] = [];
  for (const name of names) rows.push(row(data, name, await data.ours.read(name)));
  return {
    id: "landmarks",
    heading: "From the microphone to the text",
    body: [
      html`<p>The outputs of the model's main parts. Colors span the 1st to the 99th percentile of each.</p>`,
      rows,
    ],
  };
}

function row({ ours }: ReportData, name: string, activation: StageValues): Markup {
  const grid = gridOf(activation)!;
  const [low, high] = quantiles(grid.values, [0.01, 0.99]) as [number, number];
  return html`<h3>${name}</h3>
    <div class="row">
      ${heatMap(transpose(grid), {
        x: timeAxis(ours, grid.rows, name),
        y: { label: "feature", low: 0, high: grid.cols },
        low,
        high,
        palette: viridis,
        pooling: "mean",
        height: 200,
        caption: activation.shape.join(" × "),
        description: `${name} by time and feature`,
      })}${histogram([{ title: "ours", values: activation.values }], { label: `values of ${name}`, height: 200 })}
    </div>`;
}
