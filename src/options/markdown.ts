/** The tables of options as Markdown, for the documentation. */
import { valuesText } from "./rules.ts";
import type { Option, OptionTable, ValueRule } from "./rules.ts";
import { align, ctc, eventOptions, load, run } from "./methods.ts";
import * as tables from "./table.ts";

const sections: readonly (readonly [string, OptionTable])[] = [
  ["`load(model, options)`", load],
  ["`transcribe(audio, options)`: prompt", tables.promptOptions],
  ["Hotwords", tables.hotwordOptions],
  ["`new Hotwords(words, options)`", tables.hotwordListOptions],
  ["Decoding", tables.decodingOptions],
  ["Timestamps", tables.timeOptions],
  ["Long recordings", tables.recordingOptions],
  ["Features", tables.featureOptions],
  ["Callbacks", eventOptions],
  ["`align(audio, text, options)`", align],
  ["`ctc(audio, options)`", ctc],
  ["`run(audio, options)`: also all options of `transcribe` except `chunk`", run],
];

/** All options of the library, a table for each method and topic. */
export function optionsMarkdown(): string {
  return sections
    .map(([title, table]) => [`#### ${title}`, "", ...optionRows(table)].join("\n"))
    .join("\n\n");
}

function optionRows(table: OptionTable): string[] {
  return markdownTable(
    ["option", "values", "default", "meaning"],
    flattened(table, "").map(([name, { value, default: usual, help }]) => [
      `\`${name}\``,
      typeText(value),
      usual === undefined ? "" : String(usual),
      help,
    ]),
  );
}

function flattened(table: OptionTable, prefix: string): [string, Option][] {
  return Object.entries(table).flatMap(([name, option]): [string, Option][] => [
    [prefix + name, option],
    ...(option.value.kind === "options" ? flattened(option.value.options, `${prefix}${name}.`) : []),
  ]);
}

function typeText(rule: ValueRule): string {
  switch (rule.kind) {
    case "number":
      return valuesText(rule) || "number";
    case "numbers":
      return `numbers, each ${valuesText(rule)}`;
    case "boolean":
      return "boolean";
    case "choice":
      return rule.values.map((value) => `\`${value}\``).join(", ");
    case "text":
      return "string";
    case "texts":
      return "strings";
    case "function":
      return "function";
    case "options":
      return `object${rule.or === undefined ? "" : `, \`${rule.or}\``}`;
    default:
      return rule.type;
  }
}

/** Rows of cells; a vertical bar within a cell is escaped. */
export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll("|", String.raw`\|`)).join(" | ")} |`.replaceAll(/ {2,}/gu, " ");
  return [line(head), line(head.map(() => "---")), ...rows.map(line)];
}
