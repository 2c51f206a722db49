/** Waits that an abort ends at once, whatever they wait for: a stalled stream, a slow disk. */
import type { ByteSource } from "./bytes.ts";
import { offerTurn } from "./turns.ts";

/** The result of `work`. Throws the signal's reason as soon as it is aborted, and then leaves `work` to itself. */
export async function orAborted<Result>(
  work: Promise<Result>,
  signal: AbortSignal | undefined,
): Promise<Result> {
  if (signal === undefined) return await work;
  let stop: (() => void) | undefined;
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason as Error);
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener("abort", stop!);
    work.catch(() => {}); // a failure behind the abort interests nobody
  }
}

/** The same for what must be closed: what `open` still opens behind the abort is closed. */
export async function openOrAborted<Opened extends AsyncDisposable>(
  open: () => Promise<Opened>,
  signal: AbortSignal | undefined,
): Promise<Opened> {
  signal?.throwIfAborted();
  const opening = open();
  try {
    return await orAborted(opening, signal);
  } catch (error) {
    opening.then((opened) => opened[Symbol.asyncDispose]()).catch(() => {}); // as in orAborted
    throw error;
  }
}

/**
 * The same bytes. Reads end with the reason of `signal`, or of their own, when it is aborted, and other work of the thread runs
 * between them; a read of nothing does no more than that. Closing does not wait for a read that was left.
 */
export function interruptible(source: ByteSource, signal: AbortSignal | undefined): ByteSource {
  const { name, remote, path, reach } = source;
  let reads = 0; // that have begun and not ended
  const counted = async (work: () => Promise<void>): Promise<void> => {
    reads++;
    try {
      await work();
    } finally {
      reads--;
    }
  };
  const attempt = async (work: () => Promise<void>, by = signal): Promise<void> => {
    await offerTurn();
    by?.throwIfAborted();
    await orAborted(counted(work), by);
  };
  return {
    name,
    remote,
    path,
    get size() {
      return source.size;
    },
    read: (offset, target, own = signal) =>
      attempt(async () => (target.length === 0 ? undefined : source.read(offset, target, own)), own),
    ...(reach === undefined ? {} : { reach: (end: number) => attempt(() => reach(end)) }),
    async [Symbol.asyncDispose]() {
      const closed = Promise.resolve(source[Symbol.asyncDispose]());
      if (reads === 0) return await closed;
      closed.catch(() => {}); // nobody reads on
    },
  };
}
