/** What a result warns of because of its audio. */
import { warning } from "../warnings.ts";
import type { Warning } from "../warnings.ts";
import type { Summary } from "./gather.ts";

export function warningsOf({ warnings, antiphase }: Pick<Summary, "warnings" | "antiphase">): Warning[] {
  const all = warnings.map((message) => warning("audio", message));
  if (antiphase > 0) {
    const seconds = antiphase.toFixed(antiphase < 10 ? 1 : 0);
    const message = `channels are in antiphase for ${seconds} s, where their mean is silence: one of them was taken`;
    all.push(warning("antiphase", message));
  }
  return all;
}
