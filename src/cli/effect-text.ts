/** Effects of interventions as text. */
import type { Effect } from "../diff/effect.ts";
import { table } from "./content.ts";
import type { Table } from "./content.ts";

export interface NamedEffect extends Partial<Effect> {
  readonly what: string;
  readonly text: string;
}

export function effectsText(effects: readonly NamedEffect[]): Table {
  const rows = effects.map(({ what, text, relativeL2, argmaxAgreement }) => [
    what,
    relativeL2?.toExponential(2) ?? "",
    argmaxAgreement === undefined ? "" : `${(100 * argmaxAgreement).toFixed(0)}%`,
    text,
  ]);
  return table([["", "change of logits", "same argmax", "text"], ...rows]);
}
