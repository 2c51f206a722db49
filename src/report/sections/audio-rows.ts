/**
 * How audio reaches the rows that the language model gets. Fun-ASR-Nano passes on the first ⌈T/8⌉ of the adaptor's T
 * rows, so later audio reaches the language model only through attention. Drawn is attention rollout through the adaptor's
 * blocks: half of a block's output is its input (the residual), half the mean of its heads' attention.
 * Abnar & Zuidema, "Quantifying Attention Flow in Transformers", arXiv:2005.00928.
 */
import { SECONDS_PER_FRAME } from "../../decoding/ctc.ts";
import type { ReportData, Section } from "../data.ts";
import { quantiles } from "../grid.ts";
import type { Grid } from "../grid.ts";
import { heatMap } from "../heat-map.ts";
import { html, place } from "../markup.ts";
import type { Markup } from "../markup.ts";
import { cividis } from "../palettes.ts";
import { adaptorAttention, headOf } from "../stages.ts";
import type { StageValues } from "../../diff/compare.ts";

export async function audioRowsSection(data: ReportData): Promise<Section | undefined> {
  const names = adaptorAttention([...data.ours.stages.keys()]);
  const audioTokens = data.recognized?.counts?.audioTokens ?? 0;
  if (names.length === 0 || audioTokens === 0) return undefined;
  const blocks: Grid[] = [];
  for (const name of names) blocks.push(meanOfHeads(await data.ours.read(name)));
  const rolled = rollout(blocks);
  const passed: Grid = {
    ...rolled,
    rows: audioTokens,
    values: rolled.values.subarray(0, audioTokens * rolled.cols),
  };
  const beyond = shareBeyond(passed);
  const all = audioTokens >= rolled.rows;
  return {
    id: "audio-rows",
    heading: "How audio reaches the language model",
    body: [
      html`<p>
        The language model gets ${all ? "all" : "the first"} ${audioTokens} of the adaptor's ${rolled.rows}
        rows.
        ${
          all
            ? "Every frame has its own row, so none reaches the language model through attention alone, as most do in " +
              "models that pass on the first eighth of the rows. The picture shows how far each row attends beyond its " +
              "own position (the line)."
            : html`<b>${(100 * beyond).toFixed(1)} %</b> of their content comes from audio after the
                ${(audioTokens * SECONDS_PER_FRAME).toFixed(2)} s that they stand for.`
        }
        Heads are averaged; the encoder in front mixes frames as well, which is not counted here.
      </p>`,
      html`<div class="row">
        ${map(passed, "rollout through the adaptor")}${blocks.map((block, i) =>
          map(
            { ...block, rows: audioTokens, values: block.values.subarray(0, audioTokens * block.cols) },
            `block ${i} alone`,
          ),
        )}
      </div>`,
    ],
  };
}

export function meanOfHeads(stage: StageValues): Grid {
  const [heads = 1, rows = 0, cols = 0] = stage.shape;
  const values = new Float32Array(rows * cols);
  for (let head = 0; head < heads; head++) {
    const { values: weights } = headOf(stage, head);
    for (let i = 0; i < values.length; i++) values[i]! += weights[i]! / heads;
  }
  return { rows, cols, values };
}

/** From the attention [T, T] of each block to the origin [T, T] of every output row: rows sum to 1. */
export function rollout(blocks: readonly Grid[]): Grid {
  return blocks.map(withResidual).reduce((before, block) => multiply(block, before));
}

function withResidual({ rows, cols, values }: Grid): Grid {
  const half = values.map((weight, i) => weight / 2 + (i % cols === Math.floor(i / cols) ? 0.5 : 0));
  return { rows, cols, values: half };
}

function multiply(a: Grid, b: Grid): Grid {
  const values = new Float32Array(a.rows * b.cols);
  for (let i = 0; i < a.rows; i++) {
    for (let k = 0; k < a.cols; k++) {
      const weight = a.values[i * a.cols + k]!;
      for (let j = 0; j < b.cols; j++) values[i * b.cols + j]! += weight * b.values[k * b.cols + j]!;
    }
  }
  return { rows: a.rows, cols: b.cols, values };
}

/** The share of all rows that comes from frames after the last of them. */
function shareBeyond({ rows, cols, values }: Grid): number {
  const beyond = values.reduce((sum, weight, i) => (i % cols >= rows ? sum + weight : sum), 0);
  return rows === 0 ? 0 : beyond / rows;
}

function map(grid: Grid, title: string): Markup {
  const { rows, cols } = grid;
  const high = quantiles(grid.values, [0.995])[0]!;
  const seconds = cols * SECONDS_PER_FRAME;
  return heatMap(grid, {
    x: { label: "audio, seconds", low: 0, high: seconds },
    y: { label: "row of the prompt", low: rows, high: 0 },
    low: 0,
    high,
    palette: cividis,
    pooling: "max",
    downwards: true,
    width: 360,
    height: 300,
    caption: html`<b>${title}</b>`,
    description: `${title}: the share of each moment in each of ${rows} rows, over ${seconds.toFixed(1)} seconds`,
    over: ({ x, y }) =>
      html`<line
        class="own"
        x1="${place(x(0))}"
        y1="${place(y(0))}"
        x2="${place(x(rows * SECONDS_PER_FRAME))}"
        y2="${place(y(rows))}"
      />`,
  });
}
