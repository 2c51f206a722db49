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

/**
 * The same bytes. Reads end with the signal's reason when it is aborted, and other work of the thread runs between them; a
 * read of nothing does no more than that.
 */
export function interruptible(source: ByteSource, signal: AbortSignal | undefined): ByteSource {
  const { name, remote, path, reach } = source;
  const attempt = async (work: () => Promise<void>): Promise<void> => {
    await offerTurn();
    signal?.throwIfAborted();
    await orAborted(work(), signal);
  };
  return {
    name,
    remote,
    path,
    get size() {
      return source.size;
    },
    read: (offset, target) =>
      attempt(async () => (target.length === 0 ? undefined : source.read(offset, target))),
    ...(reach === undefined ? {} : { reach: (end: number) => attempt(() => reach(end)) }),
    [Symbol.asyncDispose]: () => source[Symbol.asyncDispose](),
  };
}
