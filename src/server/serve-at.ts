/** What answers behind the socket of a server: its routes, and models that are loaded meanwhile. Imports the packages. */
import { getRequestListener } from "@hono/node-server";
import { load } from "../transcriber/load.ts";
import type { Transcriber } from "../transcriber/transcriber.ts";
import type { ModelSource } from "../transcriber/types.ts";
import { createApp } from "./app.ts";
import { ServerContext } from "./context.ts";
import { ModelPool } from "./models.ts";
import { nameOf } from "./options.ts";
import type { ServeOptions } from "./options.ts";
import type { OpenSocket } from "./socket.ts";
import { Upgrades } from "./websocket/upgrades.ts";

export interface RunningServer extends AsyncDisposable {
  /** Its address, without a slash at the end. */
  readonly url: string;
  /** The name of the model for its clients. */
  readonly model: string;
  /** When the models of the start are loaded. Rejects with what `load` throws, for the punctuation model, too. */
  readonly ready: Promise<void>;
  /** Accepts no more connections, completes the requests that it has, and unloads the models. */
  drain(): Promise<void>;
}

/** As `serve`, at a socket that has been opened with the same options, which were checked. */
export function serveAt(socket: OpenSocket, model: ModelSource, options: ServeOptions): RunningServer {
  const { preload = [], idleTtl, name = nameOf(model), signal } = options;
  const models = new ModelPool({
    main: { id: name, source: model },
    preload,
    idleTtl,
    load: (source) => loadServed(source, options),
  });
  const context = new ServerContext(options, models);
  const app = createApp(context);
  const upgrades = new Upgrades(app, context);
  socket.answerBy(
    getRequestListener(app.fetch, { overrideGlobalObjects: false }),
    (...request) => void upgrades.answer(...request),
  );
  const ready = Promise.all([models.start(), checkPunctuation(options)]).then(() => {
    if (context.phase === "loading") context.phase = "ready";
  });
  ready.catch(() => {}); // who waits for it learns of it
  const unload = async (): Promise<void> => {
    await context.queue.idle();
    models.close();
  };
  const stop = async (): Promise<void> => {
    context.phase = "draining";
    await Promise.all([upgrades.end(), socket.end()]);
    await unload();
  };
  signal?.addEventListener("abort", () => void stop(), { once: true });
  return {
    url: socket.url,
    model: name,
    ready,
    async drain() {
      context.phase = "draining";
      await Promise.all([upgrades.drain(), socket.drain()]);
      await unload();
    },
    [Symbol.asyncDispose]: stop,
  };
}

/** No model of the start may need it: one that is not there is found at the start all the same. Throws errors of files. */
async function checkPunctuation({ punctuation, signal }: ServeOptions): Promise<void> {
  if (punctuation === undefined) return;
  const { openModel } = await import("../containers/open-model.ts");
  await using _ = await openModel(punctuation, { signal });
}

/** `punctuation` is for the models that write no marks themselves: the server may have both kinds. */
async function loadServed(
  source: ModelSource,
  { backend, threads, vad, punctuation, signal }: ServeOptions,
): Promise<Transcriber> {
  const options = { backend, threads, vad, signal };
  if (punctuation === undefined) return load(source, options);
  const { openModel } = await import("../containers/open-model.ts");
  const { writesMarks } = await import("../pull/auto.ts");
  await using checkpoint = await openModel(source, { signal });
  const isNeeded = !writesMarks(checkpoint.metadata.get("general.architecture"));
  return await load(checkpoint, isNeeded ? { ...options, punctuation } : options);
}
