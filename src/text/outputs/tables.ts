/** A row for each segment: start and end in milliseconds, and the text. TSV as Whisper writes it, CSV by RFC 4180. */
import { milliseconds } from "./clock.ts";
import { oneLine } from "./transcript.ts";
import type { Transcript } from "./transcript.ts";

export function toTsv(transcript: Transcript): string {
  return rows(transcript, (cells) => cells.join("\t"), "\n");
}

/** `bom`: whether a byte order mark is first, without which Excel does not read UTF-8. */
export function toCsv(
  transcript: Transcript,
  { bom = false }: { readonly bom?: boolean | undefined } = {},
): string {
  const table = rows(transcript, (cells) => cells.map(quote).join(","), "\r\n");
  return bom ? `\ufeff${table}` : table;
}

function rows({ segments }: Transcript, write: (cells: string[]) => string, lineEnd: string): string {
  const table = segments.map(({ start, end, text }) => [
    String(milliseconds(start)),
    String(milliseconds(end)),
    oneLine(text),
  ]);
  return [["start", "end", "text"], ...table].map((cells) => write(cells) + lineEnd).join("");
}

function quote(cell: string): string {
  return /^[\w ]*$/u.test(cell) ? cell : `"${cell.replaceAll('"', '""')}"`;
}
