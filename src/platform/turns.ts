/**
 * Long work in turns: reading and decoding offer the thread to timers, aborts and other work whenever they had it for some
 * milliseconds. The time is that of the thread, not of one piece of work, because all work of a thread shares its event loop.
 */
import { platform } from "./current.ts";

/** Half of a frame of a screen at 60 Hz. */
const TURN_MS = 8;

let began = performance.now();

/** Lets other work of this thread run, if none could for some milliseconds. Call it between small steps. */
export async function offerTurn(): Promise<void> {
  if (performance.now() - began < TURN_MS) return;
  await platform().yieldNow();
  began = performance.now();
}
