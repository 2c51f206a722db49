/** The online clients of sherpa-onnx: float32 samples at 16 kHz, and results whose text grows within a segment, until `Done`. */
import type { LiveEvent } from "../../live/events.ts";
import type { TimedText } from "../../text/timestamps/timed.ts";
import type { ServerContext } from "../context.ts";
import { timesFor } from "../recognition.ts";
import type { Connection, Message } from "../websocket/connection.ts";
import { Listening } from "../websocket/listening.ts";

const RATE = 16_000;

/** Until `Done`. Throws as `ServerContext.listen`. */
export async function recognizeLive(
  context: ServerContext,
  connection: Connection,
  messages: AsyncIterable<Message>,
): Promise<void> {
  let segment = 0;
  let last: Segment = { segment, text: "", start: 0, words: [] };
  let failure: { readonly error: unknown } | undefined;
  const listening = new Listening(context, {
    format: { encoding: "float", bits: 32, sampleRate: RATE },
    model: context.models.mainId,
    optionsFor: (model) => ({ timestamps: timesFor(model, true, false) }),
    async take(event: LiveEvent) {
      const { start } = event;
      if (event.event === "partial")
        return connection.send(resultOf({ segment, text: event.stable + event.tentative, start, words: [] }));
      if (event.event !== "final") return;
      last = { segment: segment++, text: event.text, start, words: event.words ?? [] };
      return connection.send(resultOf(last, { isFinal: true }));
    },
    async fail(error) {
      failure = { error };
      connection.finish();
    },
    signal: connection.signal,
  });
  for await (const message of messages) {
    if (typeof message === "string") break;
    await listening.push(message);
  }
  await listening.end();
  if (failure !== undefined) throw failure.error;
  // clients take the last result before the end for the whole
  await connection.send(resultOf(last, { isFinal: true, isEnd: true }));
  await connection.send("Done!");
}

interface Segment {
  /** Its number. */
  readonly segment: number;
  readonly text: string;
  /** Seconds. */
  readonly start: number;
  readonly words: readonly TimedText[];
}

function resultOf(
  { segment, text, start, words }: Segment,
  { isFinal = false, isEnd = false }: { readonly isFinal?: boolean; readonly isEnd?: boolean } = {},
): object {
  return {
    text,
    tokens: words.map((word) => word.text),
    timestamps: words.map((word) => Math.round((word.start - start) * 1000) / 1000),
    ys_probs: [],
    lm_probs: [],
    context_scores: [],
    segment,
    words: [],
    start_time: start,
    is_final: isFinal,
    is_eof: isEnd,
  };
}
