/** Sound that comes until it is stopped. */
import { untilAborted } from "../platform/stream-reader.ts";

export interface Source {
  readonly bytes: AsyncIterable<Uint8Array>;
  /** Ends the bytes. Returns false where that was done before. */
  stop(): boolean;
}

/** A stream that is left at once when it is stopped. */
export function untilStopped(stream: AsyncIterable<Uint8Array>): Source {
  const stopped = new AbortController();
  const { signal } = stopped;
  return {
    bytes: { [Symbol.asyncIterator]: () => iterate() },
    stop() {
      const isFirst = !signal.aborted;
      stopped.abort();
      return isFirst;
    },
  };

  async function* iterate(): AsyncGenerator<Uint8Array> {
    try {
      yield* untilAborted(stream, signal);
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }
}
