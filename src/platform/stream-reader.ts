/** Reads a stream piece by piece, and can leave it while a piece is awaited that may never come. */
import { orAborted } from "./interruptible.ts";
import { offerTurn } from "./turns.ts";

export interface StreamReader<Piece> {
  next(): Promise<IteratorResult<Piece, unknown>>;
  /** Ends the stream; does not wait for a piece that `next` waits for. */
  close(): Promise<void>;
}

/** The `return` of an async generator waits for its `next`. Streams of Node and of the web can be ended meanwhile. */
interface Endable {
  destroy?(): unknown;
  getReader?(): { read(): Promise<unknown>; cancel(): Promise<void> };
}

export function readStream<Piece>(stream: AsyncIterable<Piece>): StreamReader<Piece> {
  const pieces = iteratorOf(stream);
  let waits = false;
  let ended = false;
  return {
    async next() {
      await offerTurn(); // a stream that always has a piece would keep the thread
      waits = true;
      try {
        const next = await pieces.next();
        ended = next.done === true;
        return next;
      } catch (error) {
        ended = true;
        throw error;
      } finally {
        waits = false;
      }
    },
    async close() {
      if (ended) return;
      ended = true;
      const closed = Promise.resolve(pieces.return?.());
      if (!waits) return void (await closed);
      closed.catch(() => {}); // nobody reads on
      (stream as Endable).destroy?.();
    },
  };
}

/** The pieces of a stream. Throws the signal's reason as soon as it is aborted. */
export async function* untilAborted<Piece>(
  stream: AsyncIterable<Piece>,
  signal: AbortSignal | undefined,
): AsyncGenerator<Piece> {
  const reader = readStream(stream);
  try {
    for (;;) {
      const next = await orAborted(reader.next(), signal);
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    await reader.close();
  }
}

function iteratorOf<Piece>(stream: AsyncIterable<Piece>): AsyncIterator<Piece> {
  const reader = (stream as Endable).getReader?.();
  if (reader === undefined) return stream[Symbol.asyncIterator]();
  return {
    next: () => reader.read() as Promise<IteratorResult<Piece>>,
    return: async () => {
      await reader.cancel();
      return { done: true, value: undefined };
    },
  };
}
