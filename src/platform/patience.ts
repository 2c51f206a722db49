/** Ends a request whose server is silent. A slow transfer goes on: the time is counted from the last byte. */
export interface Patience extends Disposable {
  readonly signal: AbortSignal;
  /** Something arrived. */
  touch(): void;
}

export function startPatience(milliseconds: number, outer: AbortSignal | undefined): Patience {
  const silence = new AbortController();
  const wait = (): ReturnType<typeof setTimeout> => setTimeout(() => silence.abort(), milliseconds);
  let timer = wait();
  return {
    signal: outer === undefined ? silence.signal : AbortSignal.any([outer, silence.signal]),
    touch() {
      clearTimeout(timer);
      timer = wait();
    },
    [Symbol.dispose]: () => clearTimeout(timer),
  };
}

/** Resolves after a time, or rejects with the signal's reason. */
export async function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  signal?.throwIfAborted();
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    signal?.addEventListener(
      "abort",
      () => {
        clearTimeout(timer);
        resolve();
      },
      { once: true },
    );
  });
  signal?.throwIfAborted();
}
