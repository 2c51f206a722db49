/** Starts a server: a socket that answers at once, and behind it models that are loaded meanwhile. */
import { getRequestListener } from "@hono/node-server";
import { load } from "../transcriber/load.ts";
import type { ModelSource } from "../transcriber/types.ts";
import { createApp } from "./app.ts";
import { ServerContext } from "./context.ts";
import { ModelPool } from "./models.ts";
import { checkServeOptions, nameOf } from "./options.ts";
import type { ServeOptions } from "./options.ts";
import { openSocket } from "./socket.ts";
import type { OpenSocket } from "./socket.ts";

export interface RunningServer extends AsyncDisposable {
  /** Its address, without a slash at the end. */
  readonly url: string;
  /** The name of the model for its clients. */
  readonly model: string;
  /** When the models of the start are loaded. Rejects with what `load` throws. */
  readonly ready: Promise<void>;
  /** Accepts no more connections, completes the requests that it has, and unloads the models. */
  drain(): Promise<void>;
}

/**
 * Serves a model over HTTP; other installed models are loaded when a client names them. Returns once clients can connect; until
 * `ready`, their requests wait. Disposing of it ends all at once. Throws `bad_option`, errors of files of the certificate, and
 * `port_unusable`.
 */
export async function serve(model: ModelSource, options: ServeOptions = {}): Promise<RunningServer> {
  checkServeOptions(options);
  options.signal?.throwIfAborted();
  return serveAt(await openSocket(options), model, options);
}

/** As {@link serve}, at a socket that has been opened with the same options, which were checked. */
export function serveAt(socket: OpenSocket, model: ModelSource, options: ServeOptions): RunningServer {
  const { backend, threads, vad, preload = [], idleTtl, name = nameOf(model), signal } = options;
  const models = new ModelPool({
    main: { id: name, source: model },
    preload,
    idleTtl,
    load: (source) => load(source, { backend, threads, vad, signal }),
  });
  const context = new ServerContext(options, models);
  socket.answerBy(getRequestListener(createApp(context).fetch, { overrideGlobalObjects: false }));
  const ready = models.start().then(() => {
    if (context.phase === "loading") context.phase = "ready";
  });
  ready.catch(() => {}); // who waits for it learns of it
  const unload = async (): Promise<void> => {
    await context.queue.idle();
    models.close();
  };
  const stop = async (): Promise<void> => {
    context.phase = "draining";
    await socket.end();
    await unload();
  };
  signal?.addEventListener("abort", () => void stop(), { once: true });
  return {
    url: socket.url,
    model: name,
    ready,
    async drain() {
      context.phase = "draining";
      await socket.drain();
      await unload();
    },
    [Symbol.asyncDispose]: stop,
  };
}
