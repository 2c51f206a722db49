/** The flags of a command as Markdown, for the documentation. */
import { markdownTable } from "../../options/markdown.ts";
import { valuesText } from "../../options/rules.ts";
import type { CommandDefinition, CommandEntry } from "../command.ts";
import { groupBy } from "../group.ts";
import { longFlag } from "./flag.ts";
import type { Flag } from "./flag.ts";

/** Arguments and flags of a command, a table for each group of `--help`. */
export function flagsMarkdown(
  { summary }: CommandEntry,
  { arguments: positional = [], flags }: CommandDefinition,
): string {
  const groups = [...groupBy(Object.entries(flags), ([, { group }]) => group)];
  const args = positional.map(({ name, help }) => [`\`${name}\``, help]);
  return [
    `${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`,
    ...(args.length === 0 ? [] : [markdownTable(["argument", "meaning"], args).join("\n")]),
    ...groups.map(([group, entries]) => `#### ${group}\n\n${flagRows(entries)}`),
  ].join("\n\n");
}

function flagRows(entries: readonly [string, Flag][]): string {
  const rows = entries.map(([name, flag]) => [
    spelled(name, flag),
    valuesText(flag.value),
    usual(flag),
    flag.help,
  ]);
  return markdownTable(["flag", "values", "default", "meaning"], rows).join("\n");
}

function spelled(name: string, { short, placeholder, negated, value, several }: Flag): string {
  const forms = [
    ...(short === undefined ? [] : [short]),
    ...(negated === "only" ? [] : [longFlag(name)]),
    ...(negated === undefined ? [] : [longFlag(name, true)]),
  ];
  const [last = ""] = forms.splice(-1);
  const shown = value.kind === "boolean" ? last : `${last} ${placeholder ?? "value"}${several ? "…" : ""}`;
  return [...forms, shown].map((form) => `\`${form}\``).join(", ");
}

function usual({ initial, default: usual, required, value }: Flag): string {
  if (required) return "required";
  if (value.kind === "boolean") return typeof usual === "string" ? usual : "";
  return String(initial ?? usual ?? "");
}
