/** What a mutant of at most 256 KiB may cost. */
import { hasThreadTime } from "./held.ts";

/**
 * Processor time in which the event loop gets no turn, in milliseconds: of a reader of files, which offers one every 8 ms, and starts
 * decoders, whose compilation in other threads counts too where the time of this one is not known; and of a reader of texts, which
 * takes at most a second for a MiB, of which a mutant has a quarter.
 */
export const MOST_HELD = { files: hasThreadTime ? 20 : 50, texts: 500 } as const;
/**
 * Memory beyond what the process had before, in MiB. Of it, up to 350 may be what twenty decoders have reserved, one for each part of
 * a file, and what is not collected yet: hardly a tenth of it is resident.
 */
export const MOST_MEBIBYTES = 400;
/** Seconds after which a mutant without an end counts as one that hangs: of processor time, and of waiting. */
export const PATIENCE: Patience = { busy: 10, idle: 60 };

export interface Patience {
  readonly busy: number;
  readonly idle: number;
}
