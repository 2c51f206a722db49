/** Continuous integrate-and-fire: the weight of each frame, the sum that it adds to, and the characters that fire. */
import { SECONDS_PER_FRAME } from "../../decoding/ctc.ts";
import type { ReportData, Section } from "../data.ts";
import { html, place } from "../markup.ts";
import type { Content, Markup } from "../markup.ts";
import { kinds } from "../palettes.ts";
import { plot } from "../plot.ts";
import type { Frame } from "../plot.ts";

export async function cifSection({ ours, labelText }: ReportData): Promise<Section | undefined> {
  const name = "predictor.alphas";
  const frames = ours.stages.get(name)?.[0];
  if (frames === undefined || frames === 0) return undefined;
  const { values: alphas } = await ours.read(name);
  const ids = ours.stages.has("decoder.ids") ? (await ours.read("decoder.ids")).values : new Float32Array();
  const fires = firesOf(alphas);
  const text = (index: number): string => {
    const id = ids[index];
    return id === undefined ? "" : (labelText?.(id) ?? String(id));
  };
  const spoken = fires.map((_, i) => text(i)).join(" ");
  const sums = integrate(alphas);
  const high = Math.max(1.1, ...sums);
  const drawing = plot(
    {
      width: 1000,
      height: 280,
      x: { label: "seconds", low: 0, high: frames * SECONDS_PER_FRAME },
      y: { label: "weight", low: 0, high: high * 1.2 },
      description: `${fires.length} fires over ${frames} frames: ${spoken}`,
    },
    (frame) => [
      bars(alphas, frame),
      html`<line
        class="tolerance"
        stroke="${kinds.black}"
        x1="${frame.left}"
        x2="${frame.right}"
        y1="${place(frame.y(1))}"
        y2="${place(frame.y(1))}"
      />`,
      line(sums, frame),
      fires.map((at, i) => fire(at, text(i), frame)),
    ],
  );
  return {
    id: "cif",
    heading: "Integrate and fire",
    body: [
      html`<figure>
        ${drawing}
        <figcaption>
          Bars: the weight (alpha) of each frame. Line: the sum since the last fire. ▼: a fire, where the sum
          passes 1 (dashed), with its character.
        </figcaption>
      </figure>`,
      html`<p>
        The weights sum to ${alphas.reduce((sum, x) => sum + x, 0).toFixed(2)}; ${fires.length} tokens fire.
      </p>`,
    ],
  };
}

/** The sum of the weights since the last fire, remainder included, at each frame, in float64. */
function integrate(alphas: Float32Array): number[] {
  let sum = 0;
  return Array.from(alphas, (alpha) => {
    sum = (sum % 1) + alpha;
    return sum;
  });
}

/** The frame of each fire: where the sum passes a whole number. */
export function firesOf(alphas: Float32Array): number[] {
  return integrate(alphas).flatMap((sum, frame) => Array.from({ length: Math.floor(sum) }, () => frame));
}

function bars(alphas: Float32Array, { x, y, bottom }: Frame): Content {
  const width = Math.max(0.5, x(SECONDS_PER_FRAME) - x(0) - 1);
  return [...alphas].map(
    (alpha, t) =>
      html`<rect
        x="${place(x(t * SECONDS_PER_FRAME))}"
        y="${place(y(alpha))}"
        width="${place(width)}"
        height="${place(bottom - y(alpha))}"
        fill="${kinds.blue}"
        fill-opacity="0.55"
      />`,
  );
}

function line(sums: readonly number[], { x, y }: Frame): Markup {
  const points = sums.map((sum, t) => `${place(x((t + 0.5) * SECONDS_PER_FRAME))} ${place(y(sum))}`);
  return html`<polyline
    points="${points.join(",")}"
    fill="none"
    stroke="${kinds.black}"
    stroke-width="1.2"
  />`;
}

function fire(frame: number, text: string, { x, y, top }: Frame): Markup {
  const at = place(x((frame + 0.5) * SECONDS_PER_FRAME));
  return html`<text class="fire" x="${at}" y="${place(y(1) - 4)}" text-anchor="middle" fill="${kinds.orange}"
      >▼</text
    ><text x="${at}" y="${top + 14}" text-anchor="middle">${text}</text>`;
}
