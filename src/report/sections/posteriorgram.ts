/** The posteriors of the CTC head, frame by frame: the labels of its greedy path, and the text beneath. */
import { collapse, SECONDS_PER_FRAME } from "../../decoding/ctc.ts";
import type { CtcLabel } from "../../decoding/ctc.ts";
import type { RecognizedText, Placed, ReportData, Section } from "../data.ts";
import type { Grid } from "../grid.ts";
import { heatMap } from "../heat-map.ts";
import { commonCharacters } from "../in-common.ts";
import { html, place } from "../markup.ts";
import type { Content, Markup } from "../markup.ts";
import { viridis } from "../palettes.ts";
import { frameCount } from "../stages.ts";
import { plot } from "../plot.ts";
import type { Frame } from "../plot.ts";

const stageName = "ctc.log_probs";
/** Rows that a picture has room for. */
const maxLabels = 70;

export async function posteriorgramSection(data: ReportData): Promise<Section | undefined> {
  const shape = data.ours.stages.get(stageName);
  if (shape?.length !== 2 || shape.includes(0)) return undefined;
  const { values } = await data.ours.read(stageName);
  const [frames, vocabulary] = shape as [number, number];
  const path = greedyPath(values, frames, vocabulary);
  const blank = blankOf(path, data);
  const labels = collapse(path, blank, (frame) => Math.exp(values[frame * vocabulary + path[frame]!]!));
  const shown = [...new Set(labels.map(({ id }) => id))].slice(0, maxLabels);
  const rows = [blank, ...shown];
  const text = (id: number): string => (id === blank ? "blank" : (data.labelText?.(id) ?? String(id)));
  const ofAudio = frameCount(data.ours) ?? data.recognized?.frames?.length ?? frames;
  const start = -SECONDS_PER_FRAME * Math.max(0, frames - ofAudio);
  const time = { label: "seconds", low: start, high: start + frames * SECONDS_PER_FRAME };
  const grid: Grid = {
    rows: rows.length,
    cols: frames,
    values: Float32Array.from({ length: rows.length * frames }, (_, i) =>
      Math.exp(values[(i % frames) * vocabulary + rows[Math.floor(i / frames)]!]!),
    ),
  };
  const map = heatMap(grid, {
    x: time,
    y: {
      label: "label",
      low: 0,
      high: rows.length,
      ticks: rows.map((id, row) => ({ at: row + 0.5, text: text(id) })),
    },
    low: 0,
    high: 1,
    palette: viridis,
    pooling: "max",
    most: { rows: rows.length, cols: 1000 },
    width: 1000,
    height: 70 + 17 * rows.length,
    left: 76,
    caption: html`Probability of each label of the greedy path, from the first (below) to the last. The line
    is the path. `,
    description: `CTC posteriorgram of ${rows.length} labels over ${frames} frames; the greedy path reads ${labels.map(({ id }) => text(id)).join(" ")}`,
    over: (frame) => pathLine(path, rows, start, frame),
  });
  return {
    id: "ctc",
    heading: "CTC posteriors and the text",
    body: [
      shown.length === maxLabels ? html`<p>Only the first ${maxLabels} labels are shown.</p>` : undefined,
      map,
      lanes(data.recognized, labels, { text, start, time }),
    ],
  };
}

function greedyPath(values: Float32Array, frames: number, vocabulary: number): Int32Array {
  return Int32Array.from({ length: frames }, (_, frame) => {
    let best = 0;
    const row = frame * vocabulary;
    for (let id = 1; id < vocabulary; id++) if (values[row + id]! > values[row + best]!) best = id;
    return best;
  });
}

/** The blank is the label without text, or else the most frequent: most frames lie between characters. */
function blankOf(path: Int32Array, { labelText }: ReportData): number {
  const counts = new Map<number, number>();
  for (const id of path) counts.set(id, (counts.get(id) ?? 0) + 1);
  const ids = [...counts.keys()].toSorted((a, b) => counts.get(b)! - counts.get(a)!);
  return ids.find((id) => labelText?.(id) === "") ?? ids[0] ?? 0;
}

function pathLine(path: Int32Array, rows: readonly number[], start: number, { x, y }: Frame): Markup {
  const points = [...path].flatMap((id, t) => {
    const row = rows.indexOf(id);
    if (row < 0) return [];
    const at = start + t * SECONDS_PER_FRAME;
    return [
      `${place(x(at))} ${place(y(row + 0.5))}`,
      `${place(x(at + SECONDS_PER_FRAME))} ${place(y(row + 0.5))}`,
    ];
  });
  return html`<polyline class="path halo" points="${points.join(",")}" /><polyline
      class="path"
      points="${points.join(",")}"
    />`;
}

interface Lane {
  readonly text: (id: number) => string;
  readonly start: number;
  readonly time: { readonly label: string; readonly low: number; readonly high: number };
}

/** Two rows of boxes beneath: the CTC draft, and the final text. */
function lanes(
  recognized: RecognizedText | undefined,
  labels: readonly CtcLabel[],
  { text, start, time }: Lane,
): Content {
  const draft = labels.map((label) => ({
    text: text(label.id),
    start: start + label.start * SECONDS_PER_FRAME,
    end: Math.min(start + label.end * SECONDS_PER_FRAME, recognized?.duration ?? Infinity), // the last frame is padded
  }));
  const written = recognized?.words ?? [];
  const common = commonCharacters(
    draft.map(({ text }) => text),
    written.map(({ text }) => text),
  );
  const rows: (readonly [string, readonly Placed[], readonly boolean[]])[] = [["CTC", draft, common.left]];
  if (written.length > 0) rows.push(["text", written, common.right]);
  const apart = [...common.left, ...common.right].filter((same) => !same).length;
  const description =
    written.length > 0
      ? `The CTC draft and the written text in time; ${apart} pieces differ`
      : "The CTC draft in time";
  const ticks = rows.map(([name], i) => ({ at: rows.length - i - 0.5, text: name }));
  const y = { label: "", low: 0, high: rows.length, ticks };
  const drawing = plot(
    { width: 1000, height: 60 + 40 * rows.length, x: time, y, description, left: 76 },
    (frame) =>
      rows.map(([, pieces, same], row) =>
        pieces.map((piece, i) =>
          box(piece, same[i] !== false || written.length === 0, rows.length - row, frame),
        ),
      ),
  );
  const note = written.length > 0 ? "Dashed and underlined: pieces that only one of the two has. " : "";
  return html`<figure>
    ${drawing}
    <figcaption>
      ${note}${recognized === undefined ? undefined : html`Text: <q>${recognized.text}</q>`}
    </figcaption>
  </figure>`;
}

function box({ text, start, end }: Placed, same: boolean, top: number, { x, y }: Frame): Markup {
  const [left, right] = [x(start), x(Math.max(end, start))];
  const [high, low] = [y(top - 0.12), y(top - 0.88)];
  const words = `${text}: ${start.toFixed(2)} to ${end.toFixed(2)} s${same ? "" : ", differs"}`;
  return html`<g class="${same ? "piece" : "piece differs"}"
    ><title>${words}</title
    ><rect
      x="${place(left)}"
      y="${place(high)}"
      width="${place(Math.max(2, right - left))}"
      height="${place(low - high)}"
    /><text x="${place((left + right) / 2)}" y="${place((high + low) / 2 + 5)}" text-anchor="middle"
      >${text}</text
    ></g
  >`;
}
