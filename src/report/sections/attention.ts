/** Attention by layer and head: which positions (columns) each position (row) attends to. */
import type { StageValues } from "../../diff/compare.ts";
import type { ReportData, Section } from "../data.ts";
import { quantiles } from "../grid.ts";
import { heatMap, scale } from "../heat-map.ts";
import { brief, html } from "../markup.ts";
import type { Markup } from "../markup.ts";
import { viridis } from "../palettes.ts";
import type { Axis } from "../plot.ts";
import { attentionNames, headOf, pathOfAttention, timeAxis } from "../stages.ts";

const maxHeads = 16;
const side = { rows: 96, cols: 96 };

export async function attentionSection(data: ReportData): Promise<Section | undefined> {
  const drawn = [...data.ours.stages].filter(([, shape]) => shape.length === 3 && !shape.includes(0));
  const groups = attentionNames(drawn.map(([name]) => name));
  if (groups.size === 0) return undefined;
  const body: Markup[] = [];
  for (const [kind, names] of groups) {
    const layers: Markup[] = [];
    for (const name of names) layers.push(layer(data, name, await data.ours.read(name)));
    const open = html`<details open>
      <summary>${kind}</summary>
      ${layers}
    </details>`;
    body.push(
      body.length < 2
        ? open
        : html`<details>
            <summary>${kind}</summary>
            ${layers}
          </details>`,
    );
  }
  return {
    id: "attention",
    heading: "Attention, head by head",
    body: [
      html`<p>
        Each row is a position, each column one that it attends to. Of every kind of layer the first, the
        middle and the last are shown, each on its own scale.
      </p>`,
      body,
    ],
  };
}

function layer(data: ReportData, name: string, stage: StageValues): Markup {
  const [heads = 0, rows = 0, cols = 0] = stage.shape;
  const high = quantiles(stage.values, [0.995])[0]!;
  const path = pathOfAttention(name);
  const x = marked(timeAxis(data.ours, cols, name), data);
  const y = marked(timeAxis(data.ours, rows, name), data);
  // Rows run downwards, like a text, so the axis is reversed.
  const down: Axis = { ...y, low: y.high, high: y.low };
  const maps = Array.from({ length: Math.min(heads, maxHeads) }, (_, head) =>
    heatMap(headOf(stage, head), {
      x,
      y: down,
      low: 0,
      high,
      palette: viridis,
      pooling: "max",
      most: side,
      downwards: true,
      width: 220,
      height: 220,
      left: 44,
      legend: false,
      caption: `head ${head}`,
      description: `Attention of head ${head} of ${path}`,
    }),
  );
  const rest = heads > maxHeads ? html`<p>${heads - maxHeads} more heads are not shown.</p>` : undefined;
  return html`<h3>${path}</h3>
    <p>${scale(0, high, viridis)} (1 in 200 weights is above ${brief(high)})</p>
    <div class="row tight">${maps}</div>
    ${rest}`;
}

/** Three marks, since the picture is small; of a prompt, where its audio begins and ends. */
function marked(axis: Axis, { recognized }: ReportData): Axis {
  const { low, high, label } = axis;
  const { prefixTokens = 0, audioTokens = 0 } = recognized?.counts ?? {};
  const at = [Math.max(0, low), (Math.max(0, low) + high) / 2, high];
  const inPrompt = label === "position" && audioTokens > 0 && prefixTokens + audioTokens < high;
  const places = inPrompt ? [prefixTokens, prefixTokens + audioTokens] : at;
  return {
    ...axis,
    label: inPrompt ? "position (marks: audio)" : label,
    ticks: places.map((at) => ({ at, text: brief(Number(at.toFixed(1))) })),
  };
}
