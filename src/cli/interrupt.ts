/** Runs `work` with a signal that Ctrl-C aborts; pressed again, it ends the process as it would without this. */
export async function interruptible<Result>(work: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
  const interrupt = new AbortController();
  const stop = (): void => interrupt.abort();
  process.once("SIGINT", stop);
  try {
    return await work(interrupt.signal);
  } finally {
    process.off("SIGINT", stop);
  }
}
