/** Markup of a page: text that is inserted is escaped, markup is not. */

export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  toString(): string {
    return this.text;
  }
}

export type Content = Markup | string | number | undefined | readonly Content[];

/**
 * HTML or SVG with values in it: html`<b>${name}</b>`. An absent value gives nothing, a list its parts; line breaks of
 * the source become spaces.
 */
export function html(parts: TemplateStringsArray, ...values: readonly Content[]): Markup {
  const texts = parts.map((part) => part.replaceAll(/\s*\n\s*(?=\/?>)/gu, "").replaceAll(/\s*\n\s*/gu, " "));
  return new Markup(texts.reduce((text, part, i) => text + render(values[i - 1]) + part));
}

function render(value: Content): string {
  if (value === undefined) return "";
  if (value instanceof Markup) return value.text;
  if (typeof value === "object") return value.map(render).join("");
  return escape(String(value));
}

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Control characters and lone surrogates, which HTML does not allow, become the replacement character. */
function escape(text: string): string {
  return text
    .replaceAll(/[&<>"']/gu, (character: string) => entities[character] ?? character)
    .replaceAll(/[^\P{Cc}\n\t]|\p{Cs}/gu, "\ufffd");
}

/** A number for reading: four digits, and an exponent where it is needed. */
export function brief(value: number): string {
  if (value === 0 || !Number.isFinite(value)) return String(value);
  const size = Math.abs(value);
  if (size >= 1e5 || size < 1e-3) return value.toExponential(2).replace("e+", "e");
  return String(Number(value.toPrecision(4)));
}

/** A coordinate in a drawing. */
export const place = (value: number): string => String(Math.round(value * 100) / 100);
