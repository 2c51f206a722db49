/** Drawings with axes, as SVG. */
import { brief, html, place } from "./markup.ts";
import type { Content, Markup } from "./markup.ts";

export interface Axis {
  readonly label: string;
  readonly low: number;
  readonly high: number;
  readonly scale?: "linear" | "log";
  /** Positions and texts of the marks; round numbers by default. */
  readonly ticks?: readonly Tick[];
}

export interface Tick {
  readonly at: number;
  readonly text: string;
  /** Without a line: the name of a range, not of a position. */
  readonly bare?: boolean;
}

interface PlotOptions {
  readonly width: number;
  readonly height: number;
  readonly x: Axis;
  readonly y: Axis;
  /** A sentence about the drawing, for screen readers. */
  readonly description: string;
  /** Room for the numbers of the y axis. */
  readonly left?: number;
}

/** Positions in the drawing. */
export interface Frame {
  readonly x: (value: number) => number;
  readonly y: (value: number) => number;
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** Wider drawings are scrolled, so that they stay legible in a narrow window. */
const broad = 640;

const margins = { top: 10, right: 12, bottom: 38, left: 58 };

export function plot(options: PlotOptions, draw: (frame: Frame) => Content): Markup {
  const { width, height, x, y, description, left = margins.left } = options;
  const [right, top, bottom] = [width - margins.right, margins.top, height - margins.bottom];
  const frame: Frame = {
    x: project(x, left, right),
    y: project(y, bottom, top),
    left,
    top,
    right,
    bottom,
  };
  const drawing = html`<svg
    viewBox="0 0 ${width} ${height}"
    class="${width > broad ? "broad" : "drawing"}"
    role="img"
    aria-label="${description}"
  >
    <title>${description}</title>
    <g class="grid">
      ${ticksOf(y).map((tick) => yTick(tick, frame))}${ticksOf(x).map((tick) => xTick(tick, frame))}
    </g>
    ${draw(frame)}
    <rect class="frame" x="${left}" y="${top}" width="${right - left}" height="${bottom - top}" />
    <text class="label" x="${place((left + right) / 2)}" y="${height - 4}" text-anchor="middle">
      ${x.label}
    </text>
    <text
      class="label"
      transform="translate(12 ${place((top + bottom) / 2)}) rotate(-90)"
      text-anchor="middle"
    >
      ${y.label}
    </text>
  </svg>`;
  return width > broad ? html`<div class="wide">${drawing}</div>` : drawing;
}

function xTick({ at, text }: Tick, { x, top, bottom }: Frame): Markup {
  const where = place(x(at));
  return html`<line x1="${where}" x2="${where}" y1="${top}" y2="${bottom}" /><text
      x="${where}"
      y="${bottom + 14}"
      text-anchor="middle"
      >${text}</text
    >`;
}

function yTick({ at, text }: Tick, { y, left, right }: Frame): Markup {
  const where = y(at);
  return html`<line x1="${left}" x2="${right}" y1="${place(where)}" y2="${place(where)}" /><text
      x="${left - 5}"
      y="${place(where + 4)}"
      text-anchor="end"
      >${text}</text
    >`;
}

/** Maps values to positions between two. */
function project({ low, high, scale }: Axis, from: number, to: number): (value: number) => number {
  const bend = scale === "log" ? Math.log10 : (value: number): number => value;
  const [first, span] = [bend(low), bend(high) - bend(low)];
  return (value) => from + ((bend(value) - first) / (span === 0 ? 1 : span)) * (to - from);
}

function ticksOf(axis: Axis): readonly Tick[] {
  return axis.ticks ?? (axis.scale === "log" ? decades(axis.low, axis.high) : rounds(axis.low, axis.high));
}

/** About six round numbers between two, in either order. */
export function rounds(from: number, to: number, most = 8): Tick[] {
  const [low, high] = [Math.min(from, to), Math.max(from, to)];
  const raw = (high - low) / most;
  if (!(raw > 0)) return [{ at: low, text: brief(low) }];
  const decade = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((factor) => factor * decade).find((size) => size >= raw * 0.999) ?? decade;
  const first = Math.ceil(low / step - 1e-9);
  const count = Math.floor(high / step + 1e-9) - first;
  return Array.from({ length: count + 1 }, (_, i) => {
    const at = (first + i) * step;
    return { at, text: brief(Number(at.toPrecision(12))) };
  });
}

function decades(low: number, high: number): Tick[] {
  const [first, last] = [Math.ceil(Math.log10(low)), Math.floor(Math.log10(high))];
  const step = Math.max(1, Math.ceil((last - first + 1) / 8));
  const exponents = Array.from({ length: Math.floor((last - first) / step) + 1 }, (_, i) => first + i * step);
  return exponents.map((exponent) => ({ at: 10 ** exponent, text: `1e${exponent}` }));
}
