/** What callbacks tell, for a loop to wait for. */

/**
 * Runs `work`, and yields what it tells as it comes; the generator's return value is the work's result. Work goes on
 * whether or not anybody waits for the next value. Leaving the loop early aborts it, and waits until it has stopped.
 */
export async function* toAsyncGenerator<Value, Result>(
  work: (tell: (value: Value) => void, signal: AbortSignal) => Promise<Result>,
  signal?: AbortSignal,
): AsyncGenerator<Value, Result> {
  const left = new AbortController();
  const values: Value[] = [];
  let wake = (): void => {};
  let ended = false;
  const tell = (value: Value): void => {
    values.push(value);
    wake();
  };
  const result = work(
    tell,
    AbortSignal.any([left.signal, ...(signal === undefined ? [] : [signal])]),
  ).finally(() => {
    ended = true;
    wake();
  });
  result.catch(() => {}); // thrown below, unless nobody waits for it any more
  try {
    for (;;) {
      const next = values.shift();
      if (next !== undefined) yield next;
      else if (ended) return await result;
      else await new Promise<void>((resolve) => (wake = resolve));
    }
  } finally {
    left.abort();
    await result.catch(() => {});
  }
}
