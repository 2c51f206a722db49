/** The worker's side: one model, and the calls on it. */
import type { AudioInput } from "../audio/container.ts";
import type { RawAudio } from "../audio/raw.ts";
import { RuntimeError } from "../errors.ts";
import type { LiveEnd, LiveEvent } from "../live/events.ts";
import { load } from "../transcriber/load.ts";
import type { LoadOptions, ModelSource } from "../transcriber/types.ts";
import type { Transcriber } from "../transcriber/transcriber.ts";
import { isRemoteStream, toPlain, unpack } from "./protocol.ts";
import type { CallbackFlags, RemoteStream, Reply, Request } from "./protocol.ts";

/** How a message gets to the thread that started this one. */
let post: (reply: Reply) => void;

let model: Transcriber | undefined;
const running = new Map<number, AbortController>();
const waiting = new Map<number, (piece: IteratorResult<unknown, undefined>) => void>();

/** The caller's stream, requested piece by piece. Its end does not wait for a piece that was requested. */
function remote(id: number): AsyncIterable<unknown> {
  const next = (): Promise<IteratorResult<unknown, undefined>> =>
    new Promise((resolve) => {
      waiting.set(id, resolve);
      post({ kind: "pull", id, done: false });
    });
  const end = async (): Promise<IteratorResult<unknown, undefined>> => {
    waiting.delete(id);
    post({ kind: "pull", id, done: true });
    return { done: true, value: undefined };
  };
  return { [Symbol.asyncIterator]: () => ({ next, return: end }) };
}

function restored(id: number, input: unknown): unknown {
  if (!isRemoteStream(input)) return input;
  const { sampleRate } = input as RemoteStream;
  const pieces = remote(id);
  return sampleRate === undefined ? pieces : { samples: pieces as RawAudio["samples"], sampleRate };
}

function callbacks(id: number, { progress, token, draft, partial }: CallbackFlags): object {
  return {
    ...(progress ? { onProgress: (now: never) => post({ kind: "progress", id, progress: now }) } : {}),
    ...(token
      ? { onToken: (text: string, attempt: number) => post({ kind: "token", id, text, attempt }) }
      : {}),
    ...(draft ? { onDraft: (text: string) => post({ kind: "draft", id, text }) } : {}),
    ...(partial ? { onPartial: (now: never) => post({ kind: "partial", id, partial: now }) } : {}),
  };
}

async function listen(id: number, events: AsyncGenerator<LiveEvent, LiveEnd>): Promise<LiveEnd> {
  for (;;) {
    const next = await events.next();
    if (next.done === true) return next.value;
    post({ kind: "event", id, event: next.value });
  }
}

async function work(
  id: number,
  flags: CallbackFlags,
  run: (options: object) => Promise<Reply>,
): Promise<void> {
  const controller = new AbortController();
  running.set(id, controller);
  try {
    post(await run({ ...callbacks(id, flags), signal: controller.signal }));
  } catch (error) {
    post({ kind: "error", id, error: toPlain(error) });
  } finally {
    running.delete(id);
  }
}

/** Serves the thread that started this one; returns what is to be called with each of its messages. */
export function serve(send: (reply: Reply) => void): (message: unknown) => void {
  post = send;
  return receive;
}

function receive(message: unknown): void {
  const request = unpack(message) as Request;
  if (request.kind === "load") {
    void work(0, request.flags, async (more) => {
      model = await load(request.model as ModelSource, { ...(request.options as LoadOptions), ...more });
      return { kind: "loaded", id: 0, info: model.info };
    });
  } else if (request.kind === "call") {
    const { id, method, args, flags } = request;
    void work(id, flags, async (more) => {
      if (model === undefined)
        throw new RuntimeError("internal", "worker", "a call before the model was loaded");
      const onSegment =
        method === "transcribe"
          ? { onSegment: (segment: never) => post({ kind: "segment", id, segment }) }
          : {};
      const [input, ...rest] = args;
      const options: object = { ...(rest.at(-1) as object), ...more, ...onSegment };
      if (method === "listen") {
        const value = await listen(id, model.listen(restored(id, input) as AudioInput, options));
        return { kind: "result", id, value };
      }
      const call = model[method].bind(model) as (...all: unknown[]) => Promise<unknown>;
      const value = await call(restored(id, input), ...rest.slice(0, -1), options);
      return { kind: "result", id, value };
    });
  } else if (request.kind === "abort") running.get(request.id)?.abort();
  else {
    const { id, piece, done } = request;
    waiting.get(id)?.(done ? { done, value: undefined } : { done: false, value: piece });
    waiting.delete(id);
  }
}
