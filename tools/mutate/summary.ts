/** The tables at the end, and what survived. */
import type { Outcome } from "./examine.ts";
import type { Mutant } from "./mutants.ts";

export interface Summary {
  readonly text: string;
  /** At least 95 % were killed, and all in the checks of readers. */
  readonly passed: boolean;
}

const wanted = 0.95;

export function summary(
  outcomes: readonly (readonly [Mutant, Outcome])[],
  inReadersCheck: (mutant: Mutant) => boolean,
): Summary {
  const lines: string[] = [];
  function table(title: string, nameOf: (mutant: Mutant) => string | undefined): void {
    const rows = new Map<string, [killed: number, total: number]>();
    for (const [mutant, { status }] of outcomes) {
      const name = nameOf(mutant);
      if (name === undefined) continue;
      const [killed, total] = rows.get(name) ?? [0, 0];
      rows.set(name, [killed + Number(status === "killed"), total + 1]);
    }
    lines.push(title);
    for (const [name, [killed, total]] of [...rows].toSorted(([a], [b]) => (a < b ? -1 : 1)))
      lines.push(
        `  ${name.padEnd(28)} ${killed} of ${total} killed (${((100 * killed) / total).toFixed(1)} %)`,
      );
    lines.push("");
  }
  table("by room", ({ file }) => file.split("/").slice(0, 2).join("/"));
  table("by kind", ({ kind }) => kind);
  table("checks in readers", (mutant) => (inReadersCheck(mutant) ? mutant.kind : undefined));
  table("in all", () => "mutants");

  const survivors = outcomes.filter(([, { status }]) => status === "survived").map(([mutant]) => mutant);
  for (const { file, line, column, before, after, text } of survivors)
    lines.push(
      `survived ${file}:${line}:${column} ${before.split("\n")[0]} → ${after || "nothing"}`,
      `  ${text}`,
    );
  const passed = survivors.length <= (1 - wanted) * outcomes.length && !survivors.some(inReadersCheck);
  return { text: lines.join("\n"), passed };
}
