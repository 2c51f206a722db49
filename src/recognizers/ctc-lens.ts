/** A CTC head's lens: its rows are frames, and what they say is what greedy CTC makes of them. */
import type { Lens } from "../models/logit-lens.ts";
import { collapse } from "../decoding/ctc.ts";
import type { TextLens } from "./recognizer.ts";

export function ctcLens(lens: Lens, blankId: number, decode: (ids: readonly number[]) => string): TextLens {
  return {
    ...lens,
    rows: "frames",
    text: (ids) => decode(collapse(ids, blankId, () => 0).map(({ id }) => id)),
    label: (id) => (id === blankId ? "" : decode([id])),
  };
}
