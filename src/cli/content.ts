/** What a command prints, before it is known where: text, tables, and text whose meaning a terminal can show by color. */
import { printable } from "../adapters/node/output/printable.ts";
import { layout } from "./layout.ts";

export type Tone = "good" | "bad" | "faint";

export interface Toned {
  readonly text: string;
  readonly tone: Tone;
}

export type Cell = string | number | Toned;

/** Rows of cells; numbers are aligned to the right. */
export interface Table {
  readonly rows: readonly (readonly Cell[])[];
}

/** One section. */
export type Section = string | Toned | Table;
/** Sections are separated by an empty line. */
export type Content = Section | readonly Section[];

/** Where the content goes. */
export interface Paper {
  /** Width of a terminal; undefined for files and pipes, which get whole lines and the text as it is. */
  readonly columns?: number | undefined;
  readonly color?: boolean;
}

export const good = (text: string): Toned => ({ text, tone: "good" });
export const bad = (text: string): Toned => ({ text, tone: "bad" });
export const faint = (text: string): Toned => ({ text, tone: "faint" });

export function table(rows: Table["rows"]): Table {
  return { rows };
}

/** The content as text. */
export function render(content: Content, paper: Paper = {}): string {
  const sections = isList(content) ? content : [content];
  return sections.map((section) => renderSection(section, paper)).join("\n\n");
}

/** `Array.isArray` does not narrow the type of a list that cannot be changed. */
const isList = (content: Content): content is readonly Section[] => Array.isArray(content);

function renderSection(section: Section, { columns, color = false }: Paper): string {
  const clean = columns === undefined ? (text: string): string => text : printable;
  if (typeof section === "string") return clean(section);
  const paint = (text: string, tone: Tone | undefined): string =>
    color && tone !== undefined && text !== "" ? `\u001b[${codes[tone]}m${text}\u001b[0m` : text;
  if ("text" in section) return paint(clean(section.text), section.tone);
  const cells = section.rows.map((row) =>
    row.map((cell) => {
      const { text, tone } = typeof cell === "object" ? cell : { text: String(cell), tone: undefined };
      return { text: clean(text), toRight: typeof cell === "number", tone };
    }),
  );
  return layout(cells, columns, ({ tone }, text) => paint(text, tone));
}

/** Parameters of the escape sequence "select graphic rendition" (ECMA-48). */
const codes: Readonly<Record<Tone, number>> = { good: 32, bad: 31, faint: 2 };

/** A number of bytes with a unit. */
export function size(bytes: number): string {
  if (bytes < 1e3) return `${bytes} B`;
  const [value, unit] =
    bytes < 1e6 ? [bytes / 1e3, "kB"] : bytes < 1e9 ? [bytes / 1e6, "MB"] : [bytes / 1e9, "GB"];
  return `${value.toPrecision(3)} ${unit}`;
}
