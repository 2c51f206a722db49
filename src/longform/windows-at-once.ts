/** How many windows of a recording are recognized at once: as many as are asked for, or as many as there is memory for. */
import { platform } from "../platform/current.ts";
import type { Recognizer } from "../recognizers/recognizer.ts";
import type { TranscribeOptions } from "./options.ts";

/** What `auto` takes at most: more rows in a step of the language model save little. */
const mostAtOnce = 8;
/** The part of the available memory that `auto` takes at most. */
const memoryShare = 0.5;

/**
 * For windows of up to `seconds`. One where windows at the same time save nothing, where a hook sees one window after the
 * other, and with `auto` where the available memory is not known.
 */
export async function windowsAtOnce(
  recognizer: Recognizer,
  seconds: number,
  options: TranscribeOptions,
): Promise<number> {
  const { parallel = 1, hook } = options;
  if (parallel === 1 || hook !== undefined) return 1;
  const bytes = await recognizer.sharedBytes?.(seconds, options);
  if (bytes === undefined) return 1;
  if (parallel !== "auto") return parallel;
  const available = platform().availableMemory?.() ?? 0;
  return Math.max(1, Math.min(mostAtOnce, Math.floor((available * memoryShare) / bytes)));
}
