/**
 * Gives the event loop a turn in the middle of long work: timers fire, an abort arrives, progress is shown.
 */
export function yieldToEventLoop(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
