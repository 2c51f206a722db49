/** Starts a server: a socket that answers at once, and behind it models that are loaded meanwhile. */
import type { Server } from "node:http";
import { createServer } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { AddressInfo } from "node:net";
import { createAdaptorServer } from "@hono/node-server";
import { readText } from "../adapters/node/text-file.ts";
import { RuntimeError } from "../errors.ts";
import { load } from "../transcriber/load.ts";
import type { ModelSource } from "../transcriber/types.ts";
import { createApp } from "./app.ts";
import { ServerContext } from "./context.ts";
import { ModelPool } from "./models.ts";
import { checkServeOptions, DEFAULT_HOST, nameOf } from "./options.ts";
import type { ServeOptions } from "./options.ts";

const DEFAULT_PORT = 8000;

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
  const { backend, threads, vad, preload = [], idleTtl, name = nameOf(model), signal } = options;
  signal?.throwIfAborted();
  const models = new ModelPool({
    main: { id: name, source: model },
    preload,
    idleTtl,
    load: (source) => load(source, { backend, threads, vad }),
  });
  const context = new ServerContext(options, models);
  const server = await listen(context);
  const ready = models.start().then(() => {
    if (context.phase === "loading") context.phase = "ready";
  });
  ready.catch(() => {}); // who waits for it learns of it
  const closed = new Promise<void>((resolve) => server.once("close", resolve));
  const end = async (): Promise<void> => {
    await closed;
    await context.queue.idle();
    models.close();
  };
  const stop = async (): Promise<void> => {
    context.phase = "draining";
    server.close();
    server.closeAllConnections(); // which aborts their requests
    await end();
  };
  signal?.addEventListener("abort", () => void stop(), { once: true });
  return {
    url: urlOf(server, options),
    model: name,
    ready,
    async drain() {
      context.phase = "draining";
      server.close();
      server.closeIdleConnections();
      await end();
    },
    [Symbol.asyncDispose]: stop,
  };
}

/** Throws `port_unusable`. */
async function listen(context: ServerContext): Promise<Server> {
  const { host = DEFAULT_HOST, port = DEFAULT_PORT, tlsCert, tlsKey } = context.options;
  // a body may take as long as it keeps coming (upload.ts); the time for the headers stays limited
  const timeouts = { requestTimeout: 0, headersTimeout: 60_000 };
  const secure =
    tlsCert === undefined || tlsKey === undefined
      ? { createServer, serverOptions: timeouts }
      : {
          createServer: createSecureServer,
          serverOptions: { ...timeouts, cert: await readText(tlsCert), key: await readText(tlsKey) },
        };
  const app = createApp(context);
  const server = createAdaptorServer({
    ...secure,
    fetch: app.fetch,
    hostname: host,
    overrideGlobalObjects: false,
  }) as Server;
  await new Promise<void>((resolve, reject) => {
    server.once("error", ({ code = "unknown" }: NodeJS.ErrnoException) => {
      const details = { wanted: "an address of this machine, and a free port" };
      reject(
        new RuntimeError("port_unusable", `${host}:${port}`, `it cannot be listened on (${code})`, details),
      );
    });
    server.listen(port, host, resolve);
  });
  server.on("error", (error) => context.options.onError?.(error));
  return server;
}

function urlOf(server: Server, { tlsCert }: ServeOptions): string {
  const { address, family, port } = server.address() as AddressInfo;
  const host = family === "IPv6" ? `[${address}]` : address;
  return `${tlsCert === undefined ? "http" : "https"}://${host}:${port}`;
}
