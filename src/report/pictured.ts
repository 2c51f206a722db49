/** Which stages a report draws, of all that a model has: a run of a large model keeps no more than these. */
import type { Difference } from "./data.ts";
import { worstOf } from "./sections/worst.ts";
import { adaptorAttention, attentionNames, landmarkNames } from "./stages.ts";

const byName = ["ctc.log_probs", "predictor.alphas", "decoder.ids"];

/** In the order of `names`. */
export function pictured(names: readonly string[], difference?: Difference): string[] {
  const known = new Set(names);
  const worst = difference && worstOf(difference, (name) => known.has(name));
  const drawn = new Set([
    ...landmarkNames(names),
    ...[...attentionNames(names).values()].flat(),
    ...adaptorAttention(names),
    ...byName,
    ...(worst === undefined ? [] : [worst]),
  ]);
  return names.filter((name) => drawn.has(name));
}
