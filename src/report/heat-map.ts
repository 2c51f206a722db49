/** A matrix as a picture with axes and a scale. */
import { flip, shrink } from "./grid.ts";
import type { Grid, Pooling } from "./grid.ts";
import { brief, html, place } from "./markup.ts";
import type { Content, Markup } from "./markup.ts";
import { gradientOf } from "./palettes.ts";
import type { Palette } from "./palettes.ts";
import { plot } from "./plot.ts";
import type { Axis, Frame } from "./plot.ts";
import { asDataUrl, png } from "./png.ts";

interface HeatMapOptions {
  readonly caption: Content;
  readonly x: Axis;
  readonly y: Axis;
  /** The values at the palette's ends; values beyond are drawn like these. */
  readonly low: number;
  readonly high: number;
  readonly palette: Palette;
  readonly pooling: Pooling;
  readonly description: string;
  readonly width?: number;
  readonly height?: number;
  /** The first row at the top: for matrices whose rows are positions of a text, not frequencies. */
  readonly downwards?: boolean;
  readonly most?: { readonly rows: number; readonly cols: number };
  /** Drawn over the picture. */
  readonly over?: (frame: Frame) => Content;
  readonly left?: number;
  /** Whether to explain the colors. */
  readonly legend?: boolean;
}

/** Pixels of the picture; more would not be visible. */
const maxPixels = { rows: 192, cols: 512 };

/** Rows are drawn from the bottom up, columns from left to right. */
export function heatMap(grid: Grid, options: HeatMapOptions): Markup {
  const { caption, x, y, low, high, palette, pooling, description, over, downwards = false, left } = options;
  const { width = 480, height = 260, most = maxPixels, legend = true } = options;
  const small = shrink(grid, most.rows, most.cols, pooling);
  const upright = downwards ? small : flip(small);
  const image = asDataUrl(png(indices(upright.values, low, high), upright.cols, upright.rows, palette));
  const drawing = plot(
    { width, height, x, y, description, ...(left === undefined ? {} : { left }) },
    (frame) => [
      html`<image
        href="${image}"
        x="${frame.left}"
        y="${frame.top}"
        width="${frame.right - frame.left}"
        height="${place(frame.bottom - frame.top)}"
        preserveAspectRatio="none"
      />`,
      over?.(frame),
    ],
  );
  return html`<figure>
    ${drawing}
    <figcaption>${caption}${legend ? scale(low, high, palette) : undefined}</figcaption>
  </figure>`;
}

/** A legend for the colors. */
export const scale = (low: number, high: number, palette: Palette): Markup =>
  html`<span class="scale"
    ><span>${brief(low)}</span><span class="bar" style="background:${gradientOf(palette)}"></span
    ><span>${brief(high)}</span></span
  >`;

/** NaN is drawn as the lowest value. */
function indices(values: Float32Array, low: number, high: number): Uint8Array {
  const factor = high > low ? 255 / (high - low) : 0;
  return Uint8Array.from(values, (value) =>
    Number.isNaN(value) ? 0 : Math.round(Math.min(255, Math.max(0, (value - low) * factor))),
  );
}
