/** A row for each segment: start and end in milliseconds, and the text. TSV as Whisper writes it, CSV by RFC 4180. */
import { milliseconds } from "./clock.ts";
import { asText, oneLine } from "./clean.ts";
import type { Transcript } from "./transcript.ts";

export interface TableOptions {
  /** Whether a byte order mark is first, without which Excel does not read UTF-8. For CSV. */
  readonly bom?: boolean | undefined;
  /** Whether an apostrophe keeps spreadsheets from taking a cell for a formula; in CSV by default. */
  readonly formulas?: "escape" | "keep" | undefined;
}

export function toTsv(transcript: Transcript, { formulas = "keep" }: TableOptions = {}): string {
  return rows(transcript, formulas, (cells) => cells.join("\t"), "\n");
}

export function toCsv(
  transcript: Transcript,
  { bom = false, formulas = "escape" }: TableOptions = {},
): string {
  const table = rows(transcript, formulas, (cells) => cells.map(quote).join(","), "\r\n");
  return bom ? `\ufeff${table}` : table;
}

function rows(
  { segments }: Transcript,
  formulas: "escape" | "keep",
  write: (cells: string[]) => string,
  lineEnd: string,
): string {
  const textOf = formulas === "escape" ? (text: string) => asText(oneLine(text)) : oneLine;
  const table = segments.map(({ start, end, text }) => [
    String(milliseconds(start)),
    String(milliseconds(end)),
    textOf(text),
  ]);
  return [["start", "end", "text"], ...table].map((cells) => write(cells) + lineEnd).join("");
}

function quote(cell: string): string {
  return /^[\w ]*$/u.test(cell) ? cell : `"${cell.replaceAll('"', '""')}"`;
}
