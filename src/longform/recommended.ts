/** How recordings are best cut for a model: keys of its file, which are chosen by measuring. */
import type { Settings } from "../configs/settings.ts";

/** In seconds; absent where the file does not say. */
export interface RecommendedCuts {
  /** Length of the longest window. */
  readonly window?: number | undefined;
  /** Quiet that always ends a window, in recordings of any length. */
  readonly pause?: number | undefined;
  /** What two windows share where speech has to be cut. */
  readonly overlap?: number | undefined;
}

/** Below this key. */
export const RECOMMENDED = "fun-asr.recommended";

/** Throws `bad_metadata`. */
export function readRecommended(s: Settings): RecommendedCuts {
  const seconds = (key: string, least: number, most: number): number | undefined =>
    s.has(key) ? Math.round(s.number(key, least, most) * 1000) / 1000 : undefined; // stored as float32
  const cuts = {
    window: seconds("window", 1, 600),
    pause: seconds("pause", 0.1, 600),
    overlap: seconds("overlap", 0, 300),
  };
  s.refuseOthers();
  const { window = 30, overlap = 0 } = cuts;
  s.require(overlap <= window / 2, "overlap", `${overlap}`, "at most half of the window");
  return cuts;
}
