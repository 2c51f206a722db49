/**
 * Work on the items of a stream, several at a time, with results in the order of the items: for the windows of a
 * recording, whose audio is read and encoded while the texts of earlier ones are generated.
 *
 * At most `most` items are in progress; results that wait for earlier ones are at most as many. With `most` = 1 an item is
 * read when the result before it has been taken. Where an item fails, or the stream does, the results before it still come;
 * then the rest is aborted, and awaited, before the error is thrown. So it is where the results are not taken to the end.
 */

/** An item's result or error, once it is there. */
interface Entry<Result> {
  outcome?: () => Result;
}

export async function* inParallel<Item, Result>(
  items: AsyncIterable<Item>,
  most: number,
  work: (item: Item, signal: AbortSignal) => Promise<Result>,
  signal?: AbortSignal,
): AsyncGenerator<Result, void> {
  const left = new AbortController();
  const both = AbortSignal.any(signal === undefined ? [left.signal] : [left.signal, signal]);
  const iterator = items[Symbol.asyncIterator]();
  const waiting: Entry<Result>[] = [];
  const running = new Set<Promise<void>>();
  let reading = true;

  const start = (item: Item): void => {
    const entry: Entry<Result> = {};
    waiting.push(entry);
    const end = settled(work(item, both)).then((outcome) => {
      entry.outcome = outcome.result;
      if (outcome.failed) reading = false;
      running.delete(end);
    });
    running.add(end);
  };
  const read = async (): Promise<void> => {
    const next = await settled(iterator.next());
    if (next.failed) waiting.push({ outcome: next.result as () => never });
    const { value, done = false } = next.failed ? { value: undefined, done: true } : next.result();
    if (done) reading = false;
    else start(value as Item);
  };

  try {
    for (;;) {
      const [first] = waiting;
      if (first?.outcome !== undefined) {
        waiting.shift();
        yield first.outcome();
      } else if (reading && running.size < most && waiting.length < 2 * most) await read();
      else if (first === undefined) return;
      else await Promise.race(running);
    }
  } finally {
    left.abort();
    await Promise.all(running);
    await iterator.return?.();
  }
}

interface Settled<Result> {
  readonly failed: boolean;
  /** Gives the result or throws the error. */
  readonly result: () => Result;
}

function settled<Result>(work: Promise<Result>): Promise<Settled<Result>> {
  return work.then(
    (result) => ({ failed: false, result: () => result }),
    (error: unknown) => ({
      failed: true,
      result: () => {
        throw error;
      },
    }),
  );
}
