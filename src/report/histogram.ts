/** Histogram of one or two sets of values, on a logarithmic scale. */
import { brief, html, place } from "./markup.ts";
import type { Markup } from "./markup.ts";
import { kinds } from "./palettes.ts";
import { plot } from "./plot.ts";
import type { Frame } from "./plot.ts";

interface ValueSet {
  readonly title: string;
  readonly values: Float32Array;
}

interface HistogramOptions {
  /** What the values belong to. */
  readonly label: string;
  readonly width?: number;
  readonly height?: number;
}

interface Bins {
  readonly low: number;
  readonly high: number;
  /** For each set, how many values lie in each bin. */
  readonly counts: readonly Uint32Array[];
  /** Of all sets. */
  readonly nonFinite: number;
}

const binCount = 64;

/** Equal bins from the least to the greatest finite value of all sets. */
export function binned(sets: readonly Float32Array[], bins = binCount): Bins {
  let [low, high, nonFinite] = [Infinity, -Infinity, 0];
  for (const values of sets) {
    for (const value of values) {
      if (Number.isFinite(value)) [low, high] = [Math.min(low, value), Math.max(high, value)];
      else nonFinite++;
    }
  }
  if (low > high) [low, high] = [0, 0];
  const width = (high - low) / bins || 1;
  const counts = sets.map((values) => {
    const count = new Uint32Array(bins);
    for (const value of values) {
      if (Number.isFinite(value)) count[Math.min(bins - 1, Math.floor((value - low) / width))]!++;
    }
    return count;
  });
  return { low, high: high > low ? high : low + 1, counts, nonFinite };
}

const looks = [
  { color: kinds.blue, dash: "" },
  { color: kinds.orange, dash: "5 3" },
] as const;

export function histogram(
  sets: readonly ValueSet[],
  { label, width = 480, height = 220 }: HistogramOptions,
): Markup {
  const { low, high, counts, nonFinite } = binned(sets.map(({ values }) => values));
  const most = Math.max(1, ...counts.flatMap((count) => [...count]));
  const description = `Histogram of ${label}: ${brief(low)} to ${brief(high)}${nonFinite > 0 ? `, ${nonFinite} not finite` : ""}`;
  const drawing = plot(
    {
      width,
      height,
      x: { label: "value", low, high },
      y: { label: "count", low: 0.5, high: most * 1.5, scale: "log" },
      description,
    },
    (frame) => counts.map((count, i) => outline(count, { low, high }, frame, looks[i] ?? looks[0])),
  );
  const keys = sets.map(
    ({ title }, i) =>
      html`<span class="key"
        ><svg viewBox="0 0 24 12" class="line" aria-hidden="true">
          <line
            x1="0"
            x2="24"
            y1="6"
            y2="6"
            stroke="${looks[i]?.color}"
            stroke-width="2"
            stroke-dasharray="${looks[i]?.dash}"
          />
        </svg>
        ${title}</span
      >`,
  );
  const note = nonFinite > 0 ? html` <b>${nonFinite} values are not finite.</b>` : undefined;
  return html`<figure>
    ${drawing}
    <figcaption>${label}${sets.length > 1 ? html`: ${keys}` : undefined}${note}</figcaption>
  </figure>`;
}

function outline(
  counts: Uint32Array,
  { low, high }: { readonly low: number; readonly high: number },
  frame: Frame,
  { color, dash }: (typeof looks)[number],
): Markup {
  const width = (high - low) / counts.length;
  const steps = [...counts].flatMap((count, i) => {
    const y = place(frame.y(Math.max(0.5, count)));
    return [`${place(frame.x(low + i * width))} ${y}`, `${place(frame.x(low + (i + 1) * width))} ${y}`];
  });
  return html`<polyline
    points="${steps.join(",")}"
    fill="none"
    stroke="${color}"
    stroke-width="1.6"
    stroke-dasharray="${dash}"
  />`;
}
